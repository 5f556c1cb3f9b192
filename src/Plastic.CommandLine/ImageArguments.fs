namespace Plastic.CommandLine

open Argu

type internal DataArguments =
    | [<MainCommand>] Verb_And_What of words: string list
    | [<Unique>] Name of word: string
    | [<Unique>] Side of pixels: string
    | [<Unique>] Data of folder: string
    | [<Unique>] Check
    | [<Unique; AltCommandLine("-o")>] Output of file: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Verb_And_What _ ->
                "import SOURCE (a folder of published pickles, of jpg and csv, of class folders, or of CIFAR-100's binary files); list; show NAME; get signs"
            | Name _ -> "what to call the image set"
            | Side _ ->
                "pixels in a row and rows of an image (default: those of the pictures, or of a known set); others are resized. get signs draws 32 or 84"
            | Data _ ->
                "the folder of image sets (default: the environment variable PLASTIC_DATA, or data in the current folder)"
            | Check -> "of show: read all images, and compare their SHA-256"
            | Output _ -> "of show: a contact sheet to look at, .png, a row for each class"
