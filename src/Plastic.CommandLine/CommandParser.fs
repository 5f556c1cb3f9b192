namespace Plastic.CommandLine

open System
open System.Globalization
open Argu
open Plastic.Core
open Plastic.Settings

/// Reads the command line. Nothing here prints or exits: what cannot be carried out is a Rejected command.
[<AbstractClass; Sealed>]
type CommandParser =
    static let parser =
        ArgumentParser.Create<Arguments>(programName = "plastic", errorHandler = ExceptionExiter())

    static let commands =
        [
            "train"
            "resume"
            "submit"
            "status"
            "work"
            "claims"
            "figures"
            "report"
            "eval"
            "export"
            "analyse"
            "list"
            "show"
            "watch"
            "compare"
            "stop"
            "rm"
            "config"
            "verify"
            "devices"
            "selftest"
            "gradcheck"
            "laws"
            "bench"
            "new"
            "data"
        ]

    static let train (loader: ICodeLoader) (r: ParseResults<TrainArguments>) =
        let options =
            OptionValues.folder (r.TryGetResult TrainArguments.Out),
            OptionValues.resources
                (r.TryGetResult TrainArguments.Threads)
                (r.TryGetResult TrainArguments.History)
                (r.TryGetResult TrainArguments.Device)
            |> OptionValues.ranked (r.TryGetResult TrainArguments.Ranks),
            OptionValues.whole "--jobs" 1L 1L 1024L (r.TryGetResult Jobs),
            OptionValues.whole
                "--max-failures"
                (int64 Int32.MaxValue)
                1L
                (int64 Int32.MaxValue)
                (r.TryGetResult Max_Failures),
            OptionValues.checkpoints (r.TryGetResult TrainArguments.Resume) (r.TryGetResult TrainArguments.Checkpoint),
            Label.Parse(r.TryGetResult Name, r.GetResults Tag)

        match options with
        | Error fault, _, _, _, _, _
        | _, Error fault, _, _, _, _
        | _, _, Error fault, _, _, _
        | _, _, _, Error fault, _, _
        | _, _, _, _, Error fault, _
        | _, _, _, _, _, Error fault -> Refusal.usage fault
        | _, Ok resources, Ok jobs, _, _, _ when resources.Ranks <> "" && jobs > 1L ->
            Refusal.usage "--ranks trains one run after the other, each on all ranks: leave out --jobs"
        | _, Ok resources, _, _, _, _ when resources.Ranks <> "" && r.Contains TrainArguments.Dry_Run ->
            Refusal.usage "--dry-run measures one process: leave out --ranks"
        | Ok out, Ok resources, Ok jobs, Ok failures, Ok checkpoints, Ok label ->
            let given = r.GetResults TrainArguments.Name_And_Settings

            PlanReading.plan loader "train" given (r.TryGetResult TrainArguments.Seed) (fun plan ->
                TrainRequest(
                    plan,
                    out,
                    resources,
                    int jobs,
                    int failures,
                    checkpoints,
                    label,
                    r.Contains TensorBoard,
                    r.Contains TrainArguments.Dry_Run
                ))

    static let figures (loader: ICodeLoader) (r: ParseResults<FiguresArguments>) =
        match OptionValues.folder (r.TryGetResult FiguresArguments.Out) with
        | Error fault -> Refusal.usage fault
        | Ok out ->
            let given = r.GetResults FiguresArguments.Name_And_Settings
            let seed = r.TryGetResult FiguresArguments.Seed
            let allowMissing = r.Contains FiguresArguments.Allow_Missing

            match List.concat given, seed with
            | [ "all" ], None -> FiguresRequest(PlanReading.experiments loader, out, allowMissing)
            | "all" :: _, _ -> Refusal.usage "figures all takes neither settings nor seeds"
            | _ ->
                PlanReading.plan loader "figures" given seed (fun plan -> FiguresRequest([| plan |], out, allowMissing))

    static let report (loader: ICodeLoader) (r: ParseResults<ReportArguments>) =
        match OptionValues.folder (r.TryGetResult ReportArguments.Out) with
        | Error fault -> Refusal.usage fault
        | Ok out ->
            PlanReading.plan
                loader
                "report"
                (r.GetResults ReportArguments.Name_And_Settings)
                (r.TryGetResult ReportArguments.Seed)
                (fun plan -> ReportRequest(plan, out))

    static let config (loader: ICodeLoader) (r: ParseResults<ConfigArguments>) =
        PlanReading.plan loader "config" (r.GetResults ConfigArguments.Name_And_Settings) None (fun plan ->
            ConfigRequest(plan, r.Contains ConfigArguments.Explain))

    static let verify (r: ParseResults<VerifyArguments>) =
        Refusal.words "verify" (r.GetResults VerifyArguments.Files) (fun given ->
            match given, OptionValues.device (r.TryGetResult VerifyArguments.Device) with
            | _, Error fault -> Refusal.usage fault
            | [], Ok _ -> Refusal.usage "verify needs at least one golden case (a JSON file)"
            | files, Ok device -> VerifyRequest(Array.ofList files, device))

    static let devices (r: ParseResults<DevicesArguments>) =
        Refusal.words "devices" (r.GetResults DevicesArguments.Nothing) (fun given ->
            match given with
            | [] -> DevicesRequest()
            | _ -> Refusal.usage "devices takes no words")

    static let selftest (r: ParseResults<SelftestArguments>) =
        let size option fallback text =
            OptionValues.whole option fallback 1L 100000L text

        let options =
            OptionValues.device (r.TryGetResult SelftestArguments.Device |> Option.orElse (Some "cuda")),
            size "--hidden" 128L (r.TryGetResult SelftestArguments.Hidden),
            size "--steps" 20L (r.TryGetResult SelftestArguments.Steps),
            size "--batch" 64L (r.TryGetResult SelftestArguments.Batch),
            size "--milliseconds" 200L (r.TryGetResult Milliseconds)

        Refusal.words "selftest" (r.GetResults SelftestArguments.Nothing) (fun given ->
            match given, options with
            | _ :: _, _ -> Refusal.usage "selftest takes no words"
            | _, (Error fault, _, _, _, _)
            | _, (_, Error fault, _, _, _)
            | _, (_, _, Error fault, _, _)
            | _, (_, _, _, Error fault, _)
            | _, (_, _, _, _, Error fault) -> Refusal.usage fault
            | _, (Ok "", _, _, _, _) -> Refusal.usage "selftest is for devices with kernels: opencl[:N] or cuda[:N]"
            | [], (Ok device, Ok hidden, Ok steps, Ok batch, Ok milliseconds) ->
                SelftestRequest(device, int hidden, int steps, int batch, float milliseconds / 1000.0))

    /// The rule of that name, or of a file.
    static let rule (loader: ICodeLoader) (text: string) (use': Rule -> Command) : Command =
        let library, name =
            if CodeReading.isFile text then
                CodeReading.rule loader Library.BuiltIn text
            else
                Library.BuiltIn, text

        match library.TryRule name with
        | Some rule -> use' rule
        | None -> Refusal.unknown "rule" (library.Rules |> List.map _.Name) name

    static let gradcheck (loader: ICodeLoader) (r: ParseResults<GradcheckArguments>) : Command =
        let isAnalytic = r.Contains GradcheckArguments.Analytic

        Refusal.words "gradcheck" (r.GetResults GradcheckArguments.Rule) (fun given ->
            let options =
                OptionValues.seed (r.TryGetResult GradcheckArguments.Seed),
                OptionValues.device (r.TryGetResult GradcheckArguments.Device)

            match given, options with
            | _, (Error fault, _)
            | _, (_, Error fault) -> Refusal.usage fault
            | [ _ ], _ when isAnalytic -> Refusal.usage "gradcheck --analytic takes no rule"
            | _, (_, Ok device) when isAnalytic && device <> "" -> Refusal.usage "gradcheck --analytic runs on the CPU"
            | [], (Ok seed, Ok device) -> GradcheckRequest(seed, isAnalytic, None, device)
            | [ name ], (Ok seed, Ok device) ->
                rule loader name (fun rule -> GradcheckRequest(seed, false, Some rule, device))
            | _ -> Refusal.usage "gradcheck takes at most one rule")

    static let laws (loader: ICodeLoader) (r: ParseResults<LawsArguments>) =
        Refusal.words "laws" (r.GetResults LawsArguments.Rule) (fun given ->
            let options =
                OptionValues.seed (r.TryGetResult LawsArguments.Seed),
                OptionValues.whole "--cases" 0L 1L 1_000_000L (r.TryGetResult Cases)

            match given, options with
            | _, (Error fault, _)
            | _, (_, Error fault) -> Refusal.usage fault
            | [ name ], (Ok seed, Ok cases) ->
                let replay = r.TryGetResult Replay |> Option.defaultValue ""
                rule loader name (fun rule -> LawsRequest(rule, seed, int cases, replay))
            | _ -> Refusal.usage "laws needs one rule (plastic list rules)")

    static let bench (loader: ICodeLoader) (r: ParseResults<BenchArguments>) : Command =
        match r.TryGetSubCommand() with
        | Some(Step r) when r.Contains Model -> Refusal.usage "bench step measures: --model is for bench roofline"
        | Some(Step r) ->
            WorkloadReading.workload loader r (fun w resources repeat -> BenchStepRequest(w, resources, repeat))
        | Some(Roofline r) ->
            WorkloadReading.workload loader r (fun w resources repeat ->
                match resources.Device, r.TryGetResult Model with
                | _ when resources.Ranks <> "" ->
                    Refusal.usage "bench roofline measures one process: leave out --ranks"
                | "", None -> RooflineRequest(w, resources, repeat)
                | "cuda", Some model -> EstimateRequest(w, model)
                | _ ->
                    Refusal.usage
                        "bench roofline measures the CPU, or estimates a card from its figures: --device cuda --model h100")
        | Some(BenchArguments.Encoder r) -> EncoderReading.request r
        | None -> Refusal.usage "bench needs step, roofline or encoder (see plastic bench --help)"

    static let command (loader: ICodeLoader) (results: ParseResults<Arguments>) : Command =
        if results.Contains Arguments.Version then
            VersionRequest()
        else
            match results.TryGetSubCommand() with
            | Some(Train r) -> train loader r
            | Some(Arguments.Resume r) -> RunCommands.resume r
            | Some(Submit r) -> ClusterReading.submit loader r
            | Some(Status r) -> ClusterReading.status r
            | Some(Work r) -> ClusterReading.work r
            | Some(Arguments.Claims r) -> ClaimsReading.request loader r
            | Some(Figures r) -> figures loader r
            | Some(Report r) -> report loader r
            | Some(Eval r) -> RunCommands.eval r
            | Some(Export r) -> ExportReading.request loader r
            | Some(Analyse r) -> RunCommands.analyse r
            | Some(List r) -> RunCommands.list r
            | Some(Show r) -> RunCommands.show r
            | Some(Watch r) -> RunCommands.watch r
            | Some(Compare r) -> RunCommands.compare r
            | Some(Stop r) -> RunCommands.stop r
            | Some(Rm r) -> RunCommands.remove r
            | Some(Config r) -> config loader r
            | Some(Verify r) -> verify r
            | Some(Arguments.Devices r) -> devices r
            | Some(Selftest r) -> selftest r
            | Some(Gradcheck r) -> gradcheck loader r
            | Some(Laws r) -> laws loader r
            | Some(New r) -> NewReading.request r
            | Some(Data r) -> ImageReading.request r
            | Some(Bench r) -> bench loader r
            | _ -> Refusal.usage $"no command given; choose from {Refusal.join commands} (see plastic --help)"

    /// Argu's message on one line, with the closest known name.
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
                $"unknown option {Quote.text given}{Refusal.meant Refusal.options given} (see plastic --help)"
            else
                $"unknown command {Quote.text given}{Refusal.meant commands given} (see plastic --help)"
        | _ -> $"{line.TrimEnd '.'} (see plastic --help)"

    /// `help` and `help train` as `--help` and `train --help`.
    static let asOption (args: string[]) =
        match List.ofArray args with
        | "help" :: rest -> Array.ofList (rest @ [ "--help" ])
        | _ -> args

    /// The command that the words of the command line request. Raises CodeException when a file of a rule or a task that they name
    /// cannot be loaded.
    static member Parse(args: string[], loader: ICodeLoader) : Invocation =
        let asked =
            try
                command loader (parser.ParseCommandLine(asOption args, raiseOnUsage = true))
            with :? ArguParseException as error ->
                match error.ErrorCode with
                | ErrorCode.HelpText -> HelpRequest error.Message
                | _ -> Refusal.usage (complaint error)

        let said option = Array.contains option args
        Invocation(asked, said "--json", said "--quiet", said "--no-color", said "--verbose" || said "-v")
