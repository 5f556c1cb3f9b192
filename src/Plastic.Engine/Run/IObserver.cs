namespace Plastic.Engine;

/// <summary>Sees a group's values while they are in memory; for callers that read more than the loss.</summary>
internal interface IObserver
{
    /// <summary>After step t.</summary>
    void Step(in GroupContext run, int t);

    /// <summary>After the backward list of step t.</summary>
    void StepBack(in GroupContext run, int t);

    /// <summary>Whether <see cref="After"/> is to be called at any step.</summary>
    bool ReadsUpdates { get; }

    /// <summary>Whether it is to be called at step t.</summary>
    bool Reads(in GroupContext run, int t);

    /// <summary>After the update at the end of step t, with F in <see cref="GroupContext.FastAfter"/>.</summary>
    void After(in GroupContext run, int t);
}
