namespace Plastic.Engine;

/// <summary>
/// What a synapse's strategy costs, for one sample and one step. A product with W is a multiply-add for each connection, and reads W once for
/// the samples that run together. By itself, the cost of a synapse without fast weights.
/// </summary>
/// <param name="plan">The synapse.</param>
/// <param name="group">Samples that run together.</param>
/// <param name="densities">The shares of the elements of operands, and of their cotangents, that are to be counted.</param>
internal class SynapseCosts(SynapsePlan plan, int group, (double Operand, double Cotangent) densities)
{
    /// <summary>The shares of the elements of operands, and of their cotangents, that are to be counted.</summary>
    public (double Operand, double Cotangent) Densities => densities;

    /// <summary>Connections.</summary>
    protected readonly double Size = (double)plan.Layout.Inputs * plan.Layout.Outputs;

    /// <summary>Samples that run together.</summary>
    protected readonly int Group = group;

    /// <summary>One product, given the number of elements of its result, and the share of its operand's elements that count.</summary>
    public virtual Cost Product(int width, double density) => new(2 * Size * density, sizeof(float) * Size / Group);

    /// <summary>The update at the end of a step.</summary>
    public virtual Cost Update => default;

    /// <summary>The adjoint of the update, with what a step adds to F̄.</summary>
    public virtual Cost Adjoint => default;

    /// <summary>The slow weights' gradient.</summary>
    public Cost WeightGradient => new(2 * plan.Gradient.Length * Size * densities.Operand, 0);

    /// <summary>The costs of a synapse's strategy.</summary>
    /// <param name="plan">The synapse.</param>
    /// <param name="group">Samples that run together.</param>
    /// <param name="steps">Steps since the chunk's start that a step finds on average.</param>
    /// <param name="withStart">Share of the steps whose chunk starts from a stored F.</param>
    /// <param name="densities">The shares of the elements of operands, and of their cotangents, that are to be counted.</param>
    public static SynapseCosts Of(
        SynapsePlan plan, int group, double steps, double withStart, (double Operand, double Cotangent) densities) => plan switch
        {
            FactoredPlan factored => new FactoredCosts(factored, group, steps, withStart, densities),
            DensePlan dense => new DenseCosts(dense, group, densities),
            _ => new SynapseCosts(plan, group, densities),
        };

    /// <summary>Products with W, with α and each pair, with a stored F; an update is one sum where the chunk ends.</summary>
    private sealed class FactoredCosts(
        FactoredPlan plan, int group, double steps, double withStart, (double Operand, double Cotangent) densities)
        : SynapseCosts(plan, group, densities)
    {
        private readonly double pairs = steps * plan.PairsPerStep;

        public override Cost Product(int width, double density) => new(
            2 * Size * density * (1 + pairs + withStart), sizeof(float) * (Size * (2.0 / Group + withStart) + 2 * pairs * width));

        public override Cost Update => new(withStart * 2 * plan.PairsPerStep * Size * Densities.Operand, 0);

        /// <summary>
        /// F̄ takes in the step's pairs, is multiplied with those of the update for ᾱ, and decays; at a chunk's end it is multiplied with both
        /// vectors of every pair.
        /// </summary>
        public override Cost Adjoint
        {
            get
            {
                var hasChunkBackward = withStart > 0 || plan.Alpha.IsTrained;
                var chunk = hasChunkBackward ? 2 * plan.Gradient.Length + 1 + 3 * plan.PairsPerStep : 0;
                return new((chunk * Densities.Operand + withStart * 4 * plan.PairsPerStep) * Size + plan.SavedGradient.Sum(NotSaved), 0);
            }
        }

        /// <summary>Products that only the adjoint needs, computed by neither list: z always, w for p̄ or for a stored F.</summary>
        private double NotSaved(FactoredGradient gradient)
        {
            var z = gradient.Z is null ? pairs : 0;
            var w = gradient.W is not null ? 0 : plan.Bars.NeedsP ? pairs + withStart : withStart * (pairs + 1);
            return 2 * Size * (z * Densities.Operand + w * Densities.Cotangent);
        }
    }

    /// <summary>Products with W and with each sample's own F; an update, and its adjoint, at every step.</summary>
    private sealed class DenseCosts(DensePlan plan, int group, (double Operand, double Cotangent) densities)
        : SynapseCosts(plan, group, densities)
    {
        /// <summary>Connections of F, H and E together, as far as they are stored.</summary>
        private double State => (double)plan.StateSize / plan.Layout.Size * Size;

        // α outside is one more factor, and α is read too.
        private int Outside => plan.IsOnTrace ? 1 : 0;

        private int Bounded => plan.IsBounded ? 1 : 0;

        private int Eligible => plan.Eligibility is null ? 0 : 1;

        public override Cost Product(int width, double density) =>
            new((4 + Outside) * Size * density, sizeof(float) * Size * (1 + Outside + 1.0 / Group));

        public override Cost Update => new(
            (2 + 2 * plan.Update.Pairs.Length - Outside + 2 * Bounded + 2 * Eligible) * Size,
            sizeof(float) * (Size * (1 - Outside) + 2 * State));

        public override Cost Adjoint
        {
            get
            {
                var keep = plan.Bars.Keep is null ? 0 : 2;
                var pairs = plan.Update.Pairs.Length * (6 - 2 * Outside);
                return new(
                    (2 * plan.Gradient.Length + 3 * Outside + 3 * Bounded + keep + 3 + 8 * Eligible + pairs) * Size,
                    sizeof(float) * (3 * Size + 3 * State));
            }
        }
    }
}
