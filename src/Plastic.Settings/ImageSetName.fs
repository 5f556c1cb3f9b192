namespace Plastic.Settings

open Plastic.Tasks

/// What image sets are called: the name of a set's task is FewShotTask.Prefix, then that of the set.
[<AbstractClass; Sealed>]
type ImageSetName =
    /// What is wrong with a name, and which would do; null where nothing is.
    static member Fault(name: string) : string | null =
        if name <> "" && CodeChecks.isName (FewShotTask.Prefix + name) then
            null
        else
            let longest = CodeChecks.longestName - FewShotTask.Prefix.Length
            let good = DataSet.Clean(name.Substring(0, min longest name.Length))
            let hint = if good = "" then "" else $"; {good} would do"
            $"an image set's name has 1 to {longest} ASCII letters, digits and '_', not {Quote.text name}{hint}"
