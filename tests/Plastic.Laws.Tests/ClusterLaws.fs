/// Submissions: runs in tasks, tasks in arrays, words in scripts.
module Plastic.Laws.ClusterLaws

open System
open System.Diagnostics
open System.IO
open System.Collections.Generic
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Settings

/// Seconds of runs, many of them short.
let private durations =
    Gen.frequency [ 3, Gen.choose (0, 200); 1, Gen.choose (0, 2000) ]
    |> Gen.map float
    |> Gen.nonEmptyListOf

/// A number of tasks, the most of an array, and how many may run at once.
let private splits =
    gen {
        let! tasks = Gen.choose (1, 200)
        let! longest = Gen.choose (1, 60)
        let! atOnce = Gen.oneof [ Gen.constant 0; Gen.choose (1, 12); Gen.choose (1, 300) ]
        return tasks, longest, atOnce
    }

/// What names and paths hold at their worst, without the character that no word of a shell has.
let private word =
    [
        for rune in "ab z'\"\\$`!*?~#&;|<>(){}[]%^=\n\t\r-_./éλ漢😀".EnumerateRunes() -> string rune
    ]
    |> Gen.elements
    |> Gen.listOf
    |> Gen.map (String.concat "")

/// What bash prints for a script. Words that are quoted wrongly may be any program: it finds none, writes to a folder of its own, and is
/// killed with all that it started after ten seconds.
let private bash (script: string) =
    let folder = Directory.CreateTempSubdirectory "plastic-words-"

    try
        let start =
            ProcessStartInfo(
                "timeout",
                [ "-s"; "KILL"; "10"; "bash"; "-s" ],
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder.FullName
            )

        use shell = nonNull (Process.Start start)
        let errors = shell.StandardError.ReadToEndAsync()
        shell.StandardInput.Write("PATH=\n" + script)
        shell.StandardInput.Close()
        let printed = shell.StandardOutput.ReadToEnd()
        shell.WaitForExit()
        Expect.equal shell.ExitCode 0 $"bash: {errors.Result}"
        printed
    finally
        folder.Delete(recursive = true)

let private script words command : JobScript =
    {
        Command = command
        Program = Array.ofList words
        Submission = "/a/submission"
        Needs =
            {
                Cpus = 2
                MemoryMb = 300L
                Minutes = 30
            }
        Trusts = false
        Patience = 900
        Pause = 30
    }

[<Tests>]
let tests =
    testList
        "Clusters"
        [
            testCase
                "every run is in exactly one task, in order; a task of several is no longer than it should be"
                (fun () ->
                    Law.holds "packing"
                    <| Prop.forAll (Arb.fromGen (Gen.zip durations (Gen.choose (1, 1000)))) (fun (seconds, most) ->
                        let seconds = Array.ofList seconds
                        let tasks = Packing.Of(seconds, float most)

                        let sum (task: IReadOnlyList<int>) =
                            task |> Seq.sumBy (fun run -> seconds[run])

                        Expect.sequenceEqual (Seq.concat tasks) [ 0 .. seconds.Length - 1 ] "runs"
                        Expect.all tasks (fun task -> task.Count = 1 || sum task <= float most) "most"

                        // No task has room for the next run.
                        for task, next in Seq.pairwise tasks do
                            Expect.isGreaterThan (sum task + seconds[next[0]]) (float most) "room"))

            testCase
                "arrays hold every task once, none is too long, and they share the number that runs at once"
                (fun () ->
                    Law.holdsOften
                        100
                        "arrays"
                        [ "several arrays", 0.4; "more arrays than tasks at once", 0.1 ]
                        (Arb.fromGen splits)
                        (fun tally (tasks, longest, atOnce) ->
                            let arrays = TaskArray.Split(tasks, longest, atOnce)
                            tally.Note("several arrays", arrays.Count > 1)
                            tally.Note("more arrays than tasks at once", atOnce > 0 && arrays.Count > atOnce)

                            let numbers =
                                [
                                    for a in arrays do
                                        yield! [ a.First .. a.First + a.Tasks - 1 ]
                                ]

                            Expect.sequenceEqual numbers [ 0 .. tasks - 1 ] "tasks"
                            Expect.all arrays (fun a -> a.Tasks >= 1 && a.Tasks <= longest) "longest"
                            Expect.equal arrays.Count ((tasks + longest - 1) / longest) "arrays"

                            // Arrays of one chain follow one another; those of different chains may run at the same time.
                            let rec chain k =
                                if arrays[k].After < 0 then k else chain arrays[k].After

                            let chains = [ 0 .. arrays.Count - 1 ] |> List.groupBy chain
                            Expect.all (Seq.indexed arrays) (fun (k, a) -> a.After < k) "after"

                            if atOnce = 0 then
                                Expect.all arrays (fun a -> a.AtOnce = 0 && a.After = -1) "no limit"
                            else
                                Expect.all arrays (fun a -> a.AtOnce >= 1) "each at least one"

                                let most =
                                    chains
                                    |> List.sumBy (fun (_, ks) ->
                                        ks |> List.map (fun k -> arrays[k].AtOnce) |> List.max)

                                Expect.equal most atOnce "sum"

                                let successors =
                                    arrays |> Seq.map _.After |> Seq.filter (fun a -> a >= 0) |> List.ofSeq

                                Expect.sequenceEqual (List.distinct successors) successors "one after another"))

            testCase "a shell reads quoted words back, and so does --sbatch" (fun () ->
                Law.holdsFor 20 "words"
                <| Prop.forAll (Arb.fromGen (Gen.listOf word)) (fun words ->
                    let line = ShellText.Join words
                    let printed = bash $"set -- {line}\n[ $# = 0 ] || printf '%%s\\0' \"$@\"\n"
                    Expect.sequenceEqual (printed.Split '\000' |> Array.rev |> Array.tail |> Array.rev) words "bash"
                    let mutable again: IReadOnlyList<string> = [||]
                    Expect.isTrue (ShellText.TrySplit(line, &again)) "closed"
                    Expect.sequenceEqual again words "split"))

            testCase "words of --sbatch are split as a shell would, or refused" (fun () ->
                let split text =
                    let mutable words: IReadOnlyList<string> = [||]

                    if ShellText.TrySplit(text, &words) then
                        Some(List.ofSeq words)
                    else
                        None

                Expect.equal (split "") (Some []) "none"
                Expect.equal (split "  -p short   --mem=4G ") (Some [ "-p"; "short"; "--mem=4G" ]) "spaces"
                Expect.equal (split "--comment='a b'\"c d\"\\ e ''") (Some [ "--comment=a bc d e"; "" ]) "quotes"
                Expect.equal (split "\"a\\\"b\\c\"") (Some [ "a\"b\\c" ]) "in double quotes"
                Expect.equal (split "'open") None "single"
                Expect.equal (split "\"open") None "double")

            testCase
                "a job script is whole, whatever names are in it: it starts the program with the words that it was given"
                (fun () ->
                    Law.holdsFor 20 "job script"
                    <| Prop.forAll (Arb.fromGen (Gen.two word)) (fun (name, command) ->
                        // In place of the program, printf shows its words; the script goes on as it does after a run that is finished.
                        let job = script [ "printf"; "%s\\0"; name ] $"plastic submit {command}"
                        let text = job.Task

                        let printed =
                            bash (text.Replace("task=$((", "set -- 40; SLURM_ARRAY_TASK_ID=2\ntask=$(("))

                        Expect.sequenceEqual
                            (printed.Split '\000')
                            [ name; "work"; "/a/submission"; "42"; "--threads"; "2"; "" ]
                            "words"
                        // sbatch reads what stands before the first command.
                        let before =
                            text.Split '\n'
                            |> Array.takeWhile (fun line -> line = "" || line.StartsWith '#')

                        Expect.equal (before |> Array.filter _.StartsWith("#SBATCH")).Length 8 "directives"
                        Expect.contains before "#SBATCH --mem=300M" "memory"))

            testCase "a task is asked for what it takes, and a signal comes in time" (fun () ->
                Law.holds "needs"
                <| Prop.forAll
                    (Arb.fromGen (Gen.zip (Gen.choose (0, 1_000_000)) (Gen.choose (0, 1_000_000))))
                    (fun (kilobytes, seconds) ->
                        let bytes = int64 kilobytes <<< 10
                        let needs = JobNeeds.Of(2, bytes, 100L <<< 20, float seconds)
                        let least = float (bytes + (100L <<< 20)) * 1.2
                        Expect.isGreaterThanOrEqual (float (needs.MemoryMb <<< 20)) least "memory"

                        Expect.isLessThan
                            (float (needs.MemoryMb <<< 20))
                            (least + float (2L <<< 20))
                            "not more memory"

                        Expect.isGreaterThanOrEqual (needs.Minutes * 60) (2 * seconds) "time"
                        Expect.isLessThan (needs.Minutes * 60) (2 * seconds + 901) "not more time"

                        let lead =
                            { (script [ "plastic" ] "") with
                                Needs = needs
                            }
                                .Lead

                        Expect.isTrue (lead >= 60 && lead <= needs.Minutes * 30) "lead"))

            testCase
                "an estimate is what was measured, and lies between what was measured of less and of more work"
                (fun () ->
                    let cases =
                        Gen.zip
                            (Gen.nonEmptyListOf (Gen.zip (Gen.choose (1, 1000)) (Gen.choose (1, 1000))))
                            (Gen.choose (0, 1500))

                    Law.holds "estimates"
                    <| Prop.forAll (Arb.fromGen cases) (fun (points, cost) ->
                        // More work takes longer.
                        let costs = points |> List.map fst |> List.distinct |> List.sort
                        let times = points |> List.map snd |> List.sort |> List.truncate costs.Length
                        let measured = dict [ for c, t in List.zip costs times -> float c, float t ]
                        let measured = Dictionary<float, float>(measured)

                        for c, t in List.zip costs times do
                            Expect.floatClose Accuracy.high (CostEstimate.Of(measured, float c)) (float t) "measured"

                        let estimate = CostEstimate.Of(measured, float cost)

                        let below =
                            List.zip costs times |> List.filter (fun (c, _) -> c <= cost) |> List.map snd

                        let above =
                            List.zip costs times |> List.filter (fun (c, _) -> c >= cost) |> List.map snd

                        if below.IsEmpty then
                            Expect.equal estimate (float times.Head) "no shorter than the shortest"

                        if above.IsEmpty then
                            let beyond = float (List.last times) * float cost / float (List.last costs)
                            Expect.floatClose Accuracy.high estimate beyond "in proportion"

                        for t in below do
                            Expect.isGreaterThanOrEqual (estimate + 1e-9) (float t) "more than less work"

                        for t in above do
                            Expect.isLessThanOrEqual (estimate - 1e-9) (float t) "less than more work"))

            testCase "what Slurm prints is read, and what is not understood is left out" (fun () ->
                let queue =
                    SlurmText.Queue "12 3 PENDING\n12 4 RUNNING\n13 N/A COMPLETING\n\nslurm_load_jobs error: nothing\n"

                Expect.sequenceEqual
                    [ for t in queue -> t.Job, t.Task, t.IsWaiting ]
                    [ "12", 3, true; "12", 4, false; "13", -1, false ]
                    "queue"

                let config =
                    "MaxArraySize            = 1001\nSlurmdTimeout           = 300 sec\nOther = x\n"

                Expect.equal (SlurmText.Setting(config, "MaxArraySize")) 1001 "MaxArraySize"
                Expect.equal (SlurmText.Setting(config, "SlurmdTimeout")) 300 "SlurmdTimeout"
                Expect.equal (SlurmText.Setting(config, "Other")) -1 "no number"
                Expect.equal (SlurmText.Setting(config, "Array")) -1 "none"
                Expect.equal (SlurmText.Job "17\n") "17" "job"
                Expect.equal (SlurmText.Job "17;cluster\n") "17" "job of a cluster"
                Expect.isNull (SlurmText.Job "Submitted batch job 17") "words"
                Expect.equal (SlurmText.Time 65) "1:05:00" "time"
                Expect.equal (SlurmText.Range(TaskArray.Split(25, 11, 7)[0])) "0-8%3" "range")
        ]
