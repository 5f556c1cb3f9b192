namespace Plastic.CommandLine

/// What every `data` command takes: `[--data DIR]`
[<AbstractClass>]
type ImageRequest internal (directory: string) =
    inherit Command()
    /// The folder of image sets; empty for the usual one.
    member _.Directory = directory

/// `data import SOURCE --name NAME [--side N]`
[<Sealed>]
type ImageImportRequest internal (source: string, name: string, side: int voption, directory: string) =
    inherit ImageRequest(directory)
    /// The folder to read, as given.
    member _.Source = source
    /// What the set is called.
    member _.Name = name
    /// Pixels in a row, and rows, of each image; null for those of the pictures.
    member _.Side = ValueOption.toNullable side

/// `data get signs [--name NAME] [--side 32|84]`
[<Sealed>]
type ImageGetRequest internal (name: string, side: int, directory: string) =
    inherit ImageRequest(directory)
    /// What the set is called.
    member _.Name = name
    /// Pixels in a row, and rows, of each image: 32 or 84.
    member _.Side = side

/// `data list`
[<Sealed>]
type ImageListRequest internal (directory: string) =
    inherit ImageRequest(directory)

/// `data show NAME [--check] [-o SHEET.png]`
[<Sealed>]
type ImageShowRequest internal (name: string, check: bool, sheet: string, directory: string) =
    inherit ImageRequest(directory)
    /// What the set is called.
    member _.Name = name
    /// Whether all its images are read and compared with their SHA-256.
    member _.Check = check
    /// The contact sheet to draw; empty for none.
    member _.Sheet = sheet
