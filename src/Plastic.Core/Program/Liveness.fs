namespace Plastic.Core

open System.Collections.Generic

/// Which values a list of instructions reads, and where each is last read.
[<RequireQualifiedAccess>]
module internal Liveness =
    /// Every slot that the instructions read.
    let reads (list: Instruction[]) : int seq =
        list |> Seq.collect _.Operation.Operands

    /// The list with each instruction's LastReads. `readLater` are the slots that are read after the end of the list.
    let withLastReads (readLater: HashSet<int>) (list: Instruction[]) : Instruction[] =
        let computed = list |> Seq.map _.Target |> HashSet
        let last = Dictionary<int, int>()

        list
        |> Array.iteri (fun i instruction ->
            for slot in instruction.Operation.Operands do
                last[slot] <- i)

        list
        |> Array.mapi (fun i instruction ->
            { instruction with
                LastReads =
                    instruction.Operation.Operands
                    |> Array.distinct
                    |> Array.filter (fun slot ->
                        last[slot] = i && computed.Contains slot && not (readLater.Contains slot))
            })
