// Checks the laws of a rule of your own, then trains a network with it on the cue-reward task.
open Plastic.Core
open Plastic.Engine
open Plastic.Laws
open Plastic.Tasks

for law in RuleLaws.Check(Covariance.rule, seed = 1, cases = 5, replay = "") do
    printfn "%s %s" (if law.Passed then "holds" else $"BROKEN ({law.Reason})") law.Name

let task = (Catalogue.tryFind "cuereward").Value
let episodes = task.Episodes EpisodeSettings.Default
let batch = 16

let network =
    PlasticNetwork(
        { NetworkOptions.Default with
            Rule = Covariance.rule
            Inputs = episodes.Inputs
            Outputs = episodes.Outputs
            Hidden = 32
            Batch = batch
        }
    )

let train () =
    use crew = new Crew(2)
    use executor = new CpuExecutor(network.Program, crew)

    use learner =
        new Learner(executor, network.InitialValues 0, AdamWSettings(), maxGradientNorm = 5.0, crew = crew)

    for step in 0L .. 200L do
        learner.Measure(episodes.Batch(task.TrainKey 0, step, batch))

        if step % 100L = 0L then
            printfn $"step %3d{step}   loss %.4f{learner.Loss}"

        learner.Update 1e-3

train ()
