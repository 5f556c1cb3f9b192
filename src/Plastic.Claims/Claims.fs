namespace Plastic.Claims

open System.Collections.Generic

/// A paper whose findings are claims.
type Paper =
    {
        /// As on the command line.
        Key: string
        /// Authors, title and year.
        Citation: string
    }

/// All claims.
[<AbstractClass; Sealed>]
type Claims =
    /// In the order of their years.
    static member Papers: IReadOnlyList<Paper> =
        [|
            {
                Key = "miconi2016"
                Citation = "Miconi: Backpropagation of Hebbian plasticity for continual learning, 2016"
            }
            {
                Key = "miconi2018"
                Citation =
                    "Miconi, Clune, Stanley: Differentiable plasticity: training plastic neural networks with backpropagation, ICML 2018"
            }
            {
                Key = "miconi2019"
                Citation =
                    "Miconi, Rawal, Clune, Stanley: Backpropamine: training self-modifying neural networks with differentiable neuromodulated plasticity, ICLR 2019"
            }
            {
                Key = "duan2023"
                Citation =
                    "Duan, Jia, Li, Zhong, Ma: Hebbian and Gradient-based Plasticity Enables Robust Memory and Rapid Learning in RNNs, ICLR 2023"
            }
        |]

    /// In the order of the papers.
    static member All: IReadOnlyList<Claim> =
        [|
            yield! Miconi2016.all
            yield! Miconi2018.all
            yield! Miconi2019.all
            yield! Duan2023.all
        |]

    /// The words that select claims: their names, and the papers' keys.
    static member Words: IReadOnlyList<string> =
        [|
            for paper in Claims.Papers -> paper.Key
            for claim in Claims.All -> claim.Name
        |]

    /// The claims that words select, in the order of all; without words all of them.
    static member Named(words: IReadOnlyCollection<string>) : IReadOnlyList<Claim> =
        [|
            for claim in Claims.All do
                if
                    words.Count = 0
                    || Seq.contains claim.Name words
                    || Seq.contains claim.Paper words
                then
                    claim
        |]
