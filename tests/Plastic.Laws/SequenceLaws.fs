/// Sequence reproduction keeps its own laws.
module Plastic.Laws.SequenceLaws

open FsCheck.FSharp
open Plastic.Tasks
open Plastic.Laws.TaskLaws
open Xunit

[<Fact>]
let ``n elements are shown with a flag, then nothing, then the same are asked for with another`` () =
    Law.holds "sequence"
    <| Prop.forAll (placesOf [ SeqReproduction.task ]) (fun place ->
        let input, target = training place
        let n, delay = place.Settings.SequenceLength, place.Settings.Delay
        let rows = input |> Array.chunkBySize 3
        Assert.Equal(2 * n + delay, rows.Length)
        let shown, rest = rows |> Array.splitAt n
        let still, asked = rest |> Array.splitAt delay

        Assert.All(
            shown,
            fun row ->
                Assert.InRange(row[0], -1.0, 1.0)
                Assert.Equal<float>([| 1.0; 0.0 |], row[1..])
        )

        Assert.All(still, fun row -> Assert.Equal<float>([| 0.0; 0.0; 0.0 |], row))
        Assert.All(asked, fun row -> Assert.Equal<float>([| 0.0; 0.0; 1.0 |], row))
        Assert.Equal<float>(Array.append (Array.zeroCreate (n + delay)) (shown |> Array.map Array.head), target))

[<Fact>]
let ``only the last n steps count, all alike`` () =
    Law.holds "sequence weights"
    <| Prop.forAll (placesOf [ SeqReproduction.task ]) (fun place ->
        let n, delay = place.Settings.SequenceLength, place.Settings.Delay
        let weight = (place.Task.Episodes place.Settings).Weight

        Assert.Equal<float>(Array.append (Array.zeroCreate (n + delay)) (Array.create n (1.0 / float n)), weight))

[<Fact>]
let ``elements are uniform on −1 to 1`` () =
    let batch =
        (SeqReproduction.task.Episodes EpisodeSettings.Default).Batch(SeqReproduction.task.TestKey, 0L, 1000)

    let elements =
        batch.Input
        |> Array.chunkBySize 3
        |> Array.filter (fun row -> row[1] = 1.0)
        |> Array.map Array.head

    Assert.Equal(20000, elements.Length)

    let moment power =
        elements |> Array.averageBy (fun x -> x ** power)
    // Means of 20,000: standard errors 0.004 and 0.002.
    Assert.InRange(moment 1.0, -0.02, 0.02)
    Assert.InRange(moment 2.0, 1.0 / 3.0 - 0.01, 1.0 / 3.0 + 0.01)
    Assert.InRange(moment 4.0, 0.2 - 0.01, 0.2 + 0.01)
