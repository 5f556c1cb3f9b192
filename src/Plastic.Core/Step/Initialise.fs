namespace Plastic.Core

/// Initial parameter values.
[<RequireQualifiedAccess>]
module internal Initialise =
    /// One parameter's values, row-major, as a pure function of the seed and the parameter's name: networks that share a
    /// layer's name and shape share its initial values, whatever else differs between them.
    let parameter (seed: int64) (p: Parameter) : float[] =
        let stream = RandomStream(Philox.key seed ("initial " + p.Name), 0L, 0)

        match p.Initial with
        | Initial.Fill value -> Array.create p.Size value
        | Initial.Uniform bound -> Array.init p.Size (fun _ -> stream.Uniform(-bound, bound))
        | Initial.Normal deviation -> Array.init p.Size (fun _ -> deviation * stream.Normal())

    /// The values of every parameter, in order.
    let all (seed: int64) (parameters: Parameter seq) : float[][] =
        [| for p in parameters -> parameter seed p |]
