namespace Plastic.Settings

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Text

/// Words of a POSIX shell.
[<AbstractClass; Sealed>]
type ShellText =
    static let isPlain c =
        Char.IsAsciiLetterOrDigit c || "-_=./,:+".Contains(c: char)

    /// A word as a shell reads it back: as it is, or in single quotes where it has other letters than a-z, A-Z, 0-9 and -_=./,:+. No
    /// word of a shell has the character 0 in it.
    static member Quote(word: string) : string =
        if word.Length > 0 && Seq.forall isPlain word then
            word
        else
            "'" + word.Replace("'", @"'\''") + "'"

    /// Words on one line, quoted where they must be.
    static member Join(words: string seq) : string =
        String.Join(" ", words |> Seq.map ShellText.Quote)

    /// A text for a comment: one line, whatever it holds.
    static member Comment(text: string) : string =
        String.map (fun c -> if Char.IsControl c then '?' else c) text

    /// The words of a line: white space lies between them, unless it is in single or double quotes or after a backslash, as in a shell;
    /// nothing is expanded. False where a quote is not closed.
    static member TrySplit(line: string, [<Out>] words: byref<IReadOnlyList<string>>) : bool =
        let found = ResizeArray<string>()
        let word = StringBuilder()

        let finish isWord =
            if isWord then
                found.Add(string word)
                word.Clear() |> ignore

        // From a place in the line, within a word or not; the place of the closing quote is looked for where one is open.
        let rec read at isWord =
            if at >= line.Length then
                finish isWord
                true
            else
                match line[at] with
                | c when Char.IsWhiteSpace c ->
                    finish isWord
                    read (at + 1) false
                | '\'' -> single (at + 1)
                | '"' -> double (at + 1)
                | '\\' when at + 1 < line.Length ->
                    word.Append line[at + 1] |> ignore
                    read (at + 2) true
                | c ->
                    word.Append c |> ignore
                    read (at + 1) true

        and single at =
            match line.IndexOf('\'', at) with
            | -1 -> false
            | close ->
                word.Append(line, at, close - at) |> ignore
                read (close + 1) true

        and double at =
            if at >= line.Length then
                false
            else
                match line[at] with
                | '"' -> read (at + 1) true
                | '\\' when at + 1 < line.Length && "\"\\$`".Contains line[at + 1] ->
                    word.Append line[at + 1] |> ignore
                    double (at + 2)
                | c ->
                    word.Append c |> ignore
                    double (at + 1)

        let isWhole = read 0 false
        words <- found.ToArray()
        isWhole
