namespace Plastic.Claims

open Plastic.Settings

/// What is unlike the published size, from the settings themselves.
[<RequireQualifiedAccess>]
module internal Reduction =
    /// In place of the width that is set: which rules double it and which add half is the task's affair.
    let private width = "hidden"

    /// What of the runs of one plan is unlike those of the published one, each as "name now (published)".
    let private facts (now: Plan) (published: Plan) : string list =
        let now, published = now.Runs[0], published.Runs[0]

        let fact name one other =
            if one = other then [] else [ $"{name} {one} ({other})" ]

        [
            yield! fact "units" $"{now.Units}" $"{published.Units}"

            for setting in SettingHelp.Of now.Settings.Library do
                if setting.Name <> width then
                    yield! fact setting.Name (setting.Text now.Identity) (setting.Text published.Identity)
        ]

    /// What is unlike the published runs: first what all groups share, then what is so in some only, with their labels. Empty for nothing.
    let text (groups: (string * Plan * Plan) list) : string =
        let facts = [ for label, now, published in groups -> label, facts now published ]

        let isShared fact =
            facts |> List.forall (fun (_, own) -> List.contains fact own)

        let own =
            facts
            |> List.map (fun (label, own) -> label, own |> List.filter (fun fact -> not (isShared fact)))
            |> List.filter (fun (_, own) -> not own.IsEmpty)
            |> List.groupBy snd
            |> List.map (fun (own, groups) ->
                let labels = groups |> List.map fst |> String.concat ", "
                let own = String.concat ", " own
                $"{labels}: {own}")

        let shared = facts |> List.head |> snd |> List.filter isShared

        (if shared.IsEmpty then [] else [ String.concat ", " shared ]) @ own
        |> String.concat "; "
