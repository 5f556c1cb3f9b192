namespace Plastic.Engine;

/// <summary>A choice made when a kernel is compiled.</summary>
internal interface IChoice
{
    static abstract bool Taken { get; }
}

internal readonly struct Yes : IChoice
{
    public static bool Taken => true;
}

internal readonly struct No : IChoice
{
    public static bool Taken => false;
}
