namespace Plastic.Engine;

/// <summary>Why this process cannot be one of several, said on one line.</summary>
/// <param name="message">What is wrong, and what to do.</param>
public sealed class MpiException(string message) : Exception(message);
