namespace Plastic.Tasks

open System
open System.Globalization
open Argu

/// Reads the command line. Nothing here prints, exits or raises: whatever cannot be done is a Rejected command.
[<AbstractClass; Sealed>]
type CommandLine =
    static let parser =
        ArgumentParser.Create<Arguments>(programName = "plastic", errorHandler = ExceptionExiter())

    static let commands =
        [ "train"; "figures"; "list"; "show"; "config"; "verify"; "gradcheck"; "bench" ]

    static let topics = [ "experiments"; "tasks"; "rules"; "runs" ]

    static let options =
        [
            "--seed"
            "--out"
            "--threads"
            "--history"
            "--cell"
            "--rule"
            "--hidden"
            "--inputs"
            "--extra"
            "--steps"
            "--batch"
            "--repeat"
            "--dry-run"
            "--allow-missing"
            "--explain"
            "--json"
            "--quiet"
            "--no-color"
            "--verbose"
            "--version"
            "--help"
        ]

    static let usage message : Command = Rejected(message, true)

    static let join (words: string seq) = String.Join(", ", words)

    static let meant known given =
        match Nearest.find known given with
        | Some name when name <> given -> $"; did you mean {name}?"
        | _ -> ""

    static let rejected (faults: Fault list) : Command =
        let unknown =
            faults
            |> List.exists (fun fault ->
                match fault with
                | UnknownKey _ -> true
                | _ -> false)

        let hint =
            if unknown then
                " (plastic config NAME --explain: which keys)"
            else
                ""

        let messages = faults |> List.map _.Message
        Rejected(String.Join("; ", messages) + hint, faults |> List.exists _.IsUsage)

    /// The words of a command that are not options. Argu takes options that it does not know for words.
    static let words command (given: string list list) (use': string list -> Command) : Command =
        let words = List.concat given

        match words |> List.tryFind (fun word -> word.StartsWith '-') with
        | Some option ->
            usage $"unknown option {Quote.text option}{meant options option} (see plastic {command} --help)"
        | None -> use' words

    static let number low high (text: string) =
        match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, n when n >= low && n <= high -> Some n
        | _ -> None

    /// A whole number given by an option, or else its default.
    static let whole option fallback low high (text: string option) =
        match text with
        | None -> Ok fallback
        | Some text ->
            match number low high text with
            | Some n -> Ok n
            | None -> Error $"{option} must be a whole number from {low} to {high}, not {Quote.text text}"

    static let resources threads history : Result<Resources, string> =
        match whole "--threads" 0L 1L 1024L threads, whole "--history" 0L 1L 1000000L history with
        | Error fault, _
        | _, Error fault -> Error fault
        | Ok threads, Ok megabytes -> Ok(Resources(int threads, megabytes <<< 20))

    /// "3" or "0..3".
    static let seeds (text: string option) : Result<int64 list option, string> =
        let one = number 0L (int64 Int32.MaxValue)

        match text with
        | None -> Ok None
        | Some text ->
            match text.Split ".." |> Array.map one with
            | [| Some seed |] -> Ok(Some [ seed ])
            | [| Some first; Some last |] when first <= last && last - first < 1000L -> Ok(Some [ first..last ])
            | _ -> Error $"--seed must be N or A..B (0 ≤ A ≤ B, at most 1000 seeds), not {Quote.text text}"

    static let folder (text: string option) =
        match text with
        | None
        | Some "." -> Ok ""
        | Some text when String.IsNullOrWhiteSpace text || Seq.exists Char.IsControl text ->
            Error $"--out must name a folder, not {Quote.text text}"
        | Some text -> Ok text

    static let resolve (experiment: Experiment) settings seedText (use': Plan -> Command) : Command =
        match Configuration.parse settings, seeds seedText with
        | Error faults, _ -> rejected faults
        | _, Error fault -> usage fault
        | Ok overrides, Ok given ->
            let set =
                overrides
                |> List.tryPick (fun o ->
                    match o.Field.Name, o.Value with
                    | "seed", Whole n -> Some [ n ]
                    | _ -> None)

            let conflicts =
                Experiment.points overrides experiment
                |> List.collect (fun point -> Configuration.conflicts point.Settings)
                |> List.distinct

            match conflicts with
            | [] when given.IsSome && set.IsSome -> usage "seed=N and --seed say the same thing; give one of them"
            | [] ->
                let chosen = given |> Option.orElse set |> Option.defaultValue experiment.Seeds
                use' (Plan(experiment, overrides, chosen))
            | conflicts -> rejected conflicts

    /// The experiment or task and the settings that words of the command line describe.
    static let plan command given seedText (use': Plan -> Command) : Command =
        words command given (fun given ->
            match given with
            | [] -> usage $"{command} needs the name of an experiment or a task (plastic list names them)"
            | name :: settings ->
                match Experiments.tryFind name with
                | Some experiment -> resolve experiment settings seedText use'
                | None ->
                    let close = meant Experiments.names name
                    usage $"unknown experiment or task {Quote.text name}{close} (plastic list names them)")

    static let train (r: ParseResults<TrainArguments>) =
        let resources =
            resources (r.TryGetResult TrainArguments.Threads) (r.TryGetResult TrainArguments.History)

        match folder (r.TryGetResult TrainArguments.Out), resources with
        | Error fault, _
        | _, Error fault -> usage fault
        | Ok out, Ok resources ->
            let given = r.GetResults TrainArguments.Name_And_Settings

            plan "train" given (r.TryGetResult TrainArguments.Seed) (fun plan ->
                TrainRequest(plan, out, resources, r.Contains TrainArguments.Dry_Run))

    static let figures (r: ParseResults<FiguresArguments>) =
        match folder (r.TryGetResult FiguresArguments.Out) with
        | Error fault -> usage fault
        | Ok out ->
            let given = r.GetResults FiguresArguments.Name_And_Settings

            plan "figures" given (r.TryGetResult FiguresArguments.Seed) (fun plan ->
                FiguresRequest(plan, out, r.Contains FiguresArguments.Allow_Missing))

    static let list (r: ParseResults<ListArguments>) =
        words "list" (r.GetResults ListArguments.Topic) (fun given ->
            match folder (r.TryGetResult ListArguments.Out), given with
            | Error fault, _ -> usage fault
            | Ok out, [] -> ListRequest(Topic.Everything, out)
            | Ok out, [ topic ] ->
                match List.tryFindIndex ((=) topic) topics with
                | Some index -> ListRequest(enum<Topic>(index + 1), out)
                | None -> usage $"list knows no {Quote.text topic}{meant topics topic} (it knows {join topics})"
            | Ok _, _ -> usage "list takes one word at most")

    static let show (r: ParseResults<ShowArguments>) =
        words "show" (r.GetResults ShowArguments.Run) (fun given ->
            match given with
            | [ run ] -> ShowRequest(run)
            | _ -> usage "show needs the folder of one run (plastic list runs)")

    static let config (r: ParseResults<ConfigArguments>) =
        plan "config" (r.GetResults ConfigArguments.Name_And_Settings) None (fun plan ->
            ConfigRequest(plan, r.Contains ConfigArguments.Explain))

    static let verify (r: ParseResults<VerifyArguments>) =
        words "verify" (r.GetResults VerifyArguments.Files) (fun given ->
            match given with
            | [] -> usage "verify needs at least one golden case (a json file)"
            | files -> VerifyRequest(Array.ofList files))

    static let gradcheck (r: ParseResults<GradcheckArguments>) : Command =
        match seeds (r.TryGetResult GradcheckArguments.Seed) with
        | Ok None -> GradcheckRequest(0L)
        | Ok(Some [ seed ]) -> GradcheckRequest(seed)
        | Ok _ -> usage "gradcheck takes one seed"
        | Error fault -> usage fault

    /// The workload that options and further settings describe.
    static let workload (r: ParseResults<WorkloadArguments>) (use': Workload -> Resources -> int -> Command) : Command =
        let sizes =
            whole "--inputs" 16L 1L 100000L (r.TryGetResult Inputs),
            whole "--steps" 20L 1L 100000L (r.TryGetResult Steps),
            whole "--repeat" 20L 1L 100000L (r.TryGetResult Repeat),
            resources (r.TryGetResult WorkloadArguments.Threads) (r.TryGetResult WorkloadArguments.History)

        let named =
            [
                "cell", r.TryGetResult Cell
                "rule", r.TryGetResult Rule
                "hidden", r.TryGetResult Hidden
                "extra", r.TryGetResult Extra
                "batch", r.TryGetResult WorkloadArguments.Batch
            ]
            |> List.choose (fun (key, value) -> value |> Option.map (fun text -> $"{key}={text}"))

        words "bench" (r.GetResults Settings) (fun given ->
            match sizes, Configuration.parse (named @ given) with
            | (Error fault, _, _, _), _
            | (_, Error fault, _, _), _
            | (_, _, Error fault, _), _
            | (_, _, _, Error fault), _ -> usage fault
            | _, Error faults -> rejected faults
            | (Ok inputs, Ok steps, Ok repeat, Ok resources), Ok overrides ->
                let settings =
                    Configuration.apply
                        overrides
                        { Settings.Default with
                            Rule = "hebbian"
                        }

                match Configuration.conflicts settings with
                | [] when int64 settings.Batch * steps * inputs > int64 Int32.MaxValue ->
                    Rejected("batch × steps × inputs must stay below 2³¹", false)
                | [] -> use' (Workload(settings, int inputs, int steps)) resources (int repeat)
                | conflicts -> rejected conflicts)

    static let bench (r: ParseResults<BenchArguments>) : Command =
        match r.TryGetSubCommand() with
        | Some(Step r) -> workload r (fun w resources repeat -> BenchStepRequest(w, resources, repeat))
        | Some(Roofline r) -> workload r (fun w resources repeat -> RooflineRequest(w, resources, repeat))
        | None -> usage "bench needs step or roofline (see plastic bench --help)"

    static let command (results: ParseResults<Arguments>) : Command =
        if results.Contains Arguments.Version then
            VersionRequest()
        else
            match results.TryGetSubCommand() with
            | Some(Train r) -> train r
            | Some(Figures r) -> figures r
            | Some(List r) -> list r
            | Some(Show r) -> show r
            | Some(Config r) -> config r
            | Some(Verify r) -> verify r
            | Some(Gradcheck r) -> gradcheck r
            | Some(Bench r) -> bench r
            | _ -> usage $"no command; there is {join commands} (see plastic --help)"

    /// Argu's message in one line, with the name that was probably meant.
    static let complaint (error: ArguParseException) =
        let line = error.Message.Split('\n') |> Array.head |> _.Trim()

        let line =
            if line.StartsWith("ERROR: ") then
                line.Substring(7)
            else
                line

        match line.Split '\'' with
        | [| start; given; _ |] when start.StartsWith("unrecognized argument") ->
            if given.StartsWith '-' then
                $"unknown option {Quote.text given}{meant options given} (see plastic --help)"
            else
                $"unknown command {Quote.text given}{meant commands given} (see plastic --help)"
        | _ -> $"{line.TrimEnd '.'} (see plastic --help)"

    /// What the words of the command line ask for.
    static member Parse(args: string[]) : Invocation =
        let asked =
            try
                command (parser.ParseCommandLine(args, raiseOnUsage = true))
            with :? ArguParseException as error ->
                match error.ErrorCode with
                | ErrorCode.HelpText -> HelpRequest error.Message
                | _ -> usage (complaint error)

        let said option = Array.contains option args
        Invocation(asked, said "--json", said "--quiet", said "--no-color", said "--verbose" || said "-v")
