namespace Plastic.Settings

open System
open System.Collections.Generic

/// What a job needs of a machine.
type JobNeeds =
    {
        /// Processors, which are the threads of a run.
        Cpus: int
        /// Memory, in megabytes of 2²⁰ bytes.
        MemoryMb: int64
        /// The time limit, at least 2 minutes.
        Minutes: int
    }

    /// What a task needs: the memory that its largest run takes with the runtime's own, and a fifth more; twice the time that it takes, in
    /// whole quarters of an hour.
    static member Of(cpus: int, runBytes: int64, runtimeBytes: int64, seconds: float) : JobNeeds =
        {
            Cpus = cpus
            MemoryMb = ((runBytes + runtimeBytes) * 6L / 5L >>> 20) + 1L
            Minutes = 15 * int (Math.Clamp(Math.Ceiling(2.0 * seconds / 900.0), 1.0, 1e6))
        }

/// The scripts that sbatch gets.
type JobScript =
    {
        /// The command line that made them, for a reader.
        Command: string
        /// How the program is started: its first words.
        Program: IReadOnlyList<string>
        /// The full path of the submission's folder.
        Submission: string
        /// What a task needs.
        Needs: JobNeeds
        /// Whether the submission's runs have code of their own, which the user has named.
        Trusts: bool
        /// Seconds for which a task that was put back in the queue waits for a run that another process still trains.
        Patience: int
        /// Seconds between two looks at that.
        Pause: int
    }

    /// Seconds before the time limit at which a task is told to write a checkpoint. Slurm may do it up to a minute early.
    member script.Lead = min 180 (script.Needs.Minutes * 30)

    static member private Directives(needs: JobNeeds, notes: (string * string) list) =
        let directives =
            notes
            @ [
                "--nodes=1", ""
                "--ntasks=1", ""
                $"--cpus-per-task={needs.Cpus}", ""
                $"--mem={needs.MemoryMb}M", ""
                $"--time={SlurmText.Time needs.Minutes}", ""
            ]

        directives
        |> List.map (fun (option, note) ->
            if note = "" then
                $"#SBATCH {option}"
            else
                $"#SBATCH {option.PadRight 24} # {note}")

    /// job.sh: one task of an array. Its argument is the submission's number of the array's first task.
    member script.Task: string =
        let options =
            [ "--threads"; string script.Needs.Cpus ]
            @ (if script.Trusts then [ "--trust" ] else [])

        let lines =
            [
                "#!/usr/bin/env bash"
                "# One task of a job array: trains the runs of one line of tasks.jsonl."
                $"# Written by: {ShellText.Comment script.Command}"
                "# How it was given to sbatch is in job.json."
                ""
            ]
            @ JobScript.Directives(
                script.Needs,
                [
                    "--requeue", "a task may go back into the queue, and goes on from its checkpoint"
                    "--open-mode=append", "so does its log"
                    $"--signal=B:USR1@{script.Lead}", "seconds before the time limit: write a checkpoint"
                ]
            )
            @ [
                ""
                "set -u"
                $"program=({ShellText.Join script.Program})"
                $"submission={ShellText.Quote script.Submission}"
                "# The number of the array's first task, and of this one in the array."
                "task=$((${1:-0} + ${SLURM_ARRAY_TASK_ID:-0}))"
                "restarts=${SLURM_RESTART_COUNT:-0}"
                ""
                "# Signals are passed on to the program: USR1 before the time limit, TERM at it."
                "pid= signal="
                "pass() {"
                "    signal=$1"
                "    [ -z \"$pid\" ] || kill -s \"$signal\" \"$pid\""
                "}"
                "trap 'pass USR1' USR1"
                "trap 'pass TERM' TERM"
                ""
                "# Trains the runs that are not finished. A signal interrupts `wait`, not the program."
                "work() {"
                $"    \"${{program[@]}}\" work \"$submission\" \"$task\" {ShellText.Join options} &"
                "    pid=$!"
                "    [ -z \"$signal\" ] || kill -s \"$signal\" \"$pid\""
                "    while kill -0 \"$pid\" 2>/dev/null; do wait \"$pid\"; done"
                "    wait \"$pid\""
                "    code=$?"
                "    pid="
                "}"
                ""
                "work"
                "# 73: another process trains one of the runs. A task whose node was lost may have left one behind, which ends by itself,"
                "# or whose claim to the run ends."
                $"last=$((SECONDS + {script.Patience}))"
                "while [ \"$code\" = 73 ] && [ \"$restarts\" -gt 0 ] && [ -z \"$signal\" ] && [ \"$SECONDS\" -lt \"$last\" ]; do"
                $"    sleep {script.Pause} & wait $!"
                "    [ -n \"$signal\" ] || work"
                "done"
                ""
                "again="
                "case $code in"
                "75) again=1 ;;  # stopped with a checkpoint"
                "138) again=1 ;; # USR1 came before the program could answer it"
                "73) [ \"$restarts\" -eq 0 ] || again=1 ;;"
                "esac"
                "# This task alone: its bare job number may be that of the whole array. Slurm then ends this script."
                "if [ -n \"$again\" ] && [ \"$signal\" != TERM ]; then"
                "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\" && sleep 600"
                "fi"
                "exit \"$code\""
                ""
            ]

        String.Join("\n", lines)

    /// figures.sh: draws the figures of what is finished. Its words are those of `figures`, typed in a folder.
    member script.Figures(words: IReadOnlyList<string>, folder: string, needs: JobNeeds) : string =
        let lines =
            [
                "#!/usr/bin/env bash"
                "# Draws the figures of the runs that are finished; submitted to begin when all tasks have ended."
                $"# Written by: {ShellText.Comment script.Command}"
                ""
            ]
            @ JobScript.Directives(needs, [])
            @ [
                ""
                $"cd -- {ShellText.Quote folder} || exit 66"
                $"exec {ShellText.Join(Seq.append script.Program words)}"
                ""
            ]

        String.Join("\n", lines)

    /// The command of a task for other engines, on one line.
    member script.Line(task: int) : string =
        let options =
            [
                "work"
                script.Submission
                string task
                "--threads"
                string script.Needs.Cpus
            ]
            @ (if script.Trusts then [ "--trust" ] else [])

        ShellText.Join(Seq.append script.Program options)
