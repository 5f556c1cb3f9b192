namespace Plastic.Engine;

/// <summary>Sees a group's values while they are in memory; for callers that read more than the loss.</summary>
internal interface IObserver
{
    /// <summary>After step t.</summary>
    void Step(in GroupContext run, int t);

    /// <summary>After the backward list of step t.</summary>
    void StepBack(in GroupContext run, int t);

    /// <summary>Whether <see cref="End"/> is to be called.</summary>
    bool WantsEnd { get; }

    /// <summary>After the last step, with F updated once more.</summary>
    void End(in GroupContext run);
}
