using System.Text.Json.Serialization;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>What rule.json and task.json say of the file beside them.</summary>
internal interface ICodeFacts
{
    /// <summary>Its name where the user has it.</summary>
    string File { get; }

    /// <summary>The full name of the value in it.</summary>
    string Value { get; }

    /// <summary>The SHA-256 of its content.</summary>
    string Sha256 { get; }
}

/// <summary>What a setting of a rule holds.</summary>
internal enum RuleSettingForm
{
    Number,
    Bound,
    Switch,
}

/// <summary>A setting as its rule declares it; values are texts, as on the command line.</summary>
internal sealed record RuleSettingFacts(RuleSettingForm Kind, string Default, string[] Trials, string Help)
{
    /// <summary>The least number; with the next, null for a switch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Low { get; init; }

    /// <summary>The largest number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? High { get; init; }

    public static RuleSettingFacts Of(RuleSetting setting)
    {
        var facts = new RuleSettingFacts(
            RuleSettingForm.Switch, $"{setting.Default}", [.. setting.Trials.Select(value => $"{value}")], setting.Help);
        return setting.Kind switch
        {
            RuleSettingKind.Number number => facts with { Kind = RuleSettingForm.Number, Low = number.low, High = number.high },
            RuleSettingKind.Bound bound => facts with { Kind = RuleSettingForm.Bound, Low = bound.low, High = bound.high },
            _ => facts,
        };
    }

    public RuleSetting Setting(string name) => StandIn.Setting(
        name, Kind == RuleSettingForm.Switch, Kind == RuleSettingForm.Bound, Low ?? 0, High ?? 0, Default, Trials, Help);
}

/// <summary>A rule from a file: rule.json. All that is needed to read the run without running the rule's code.</summary>
internal sealed record RuleFacts(
    string File, string Value, string Sha256, string Name, string Summary, string Equation, string Source, bool LearnsBiases,
    double AlphaSpread, bool NeedsModulator, bool Plastic, Dictionary<string, RuleSettingFacts> Settings) : ICodeFacts
{
    /// <summary>The setting that bounds its traces; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceBound { get; init; }

    public static RuleFacts Of(Rule rule, CodeFile file) => new(
        file.Name, file.Value, file.Hash, rule.Name, rule.Summary, rule.Equation, rule.Source, rule.LearnsBiases, rule.AlphaSpread,
        rule.NeedsModulator, rule.IsPlastic, rule.Settings.ToDictionary(setting => setting.Name, RuleSettingFacts.Of))
    {
        TraceBound = rule.TraceBound?.Value.Name,
    };

    /// <summary>The rule without its code.</summary>
    public Rule Rule() => StandIn.Rule(
        Name, Summary, Equation, Source, LearnsBiases, AlphaSpread, NeedsModulator, Plastic, TraceBound,
        Settings.Select(setting => setting.Value.Setting(setting.Key)));
}

/// <summary>A task from a file: task.json, with the sizes of its episodes under the run's settings.</summary>
internal sealed record TaskFacts(
    string File, string Value, string Sha256, string Name, string Summary, string Floor, string Loss, string[] Reads, int Inputs,
    int Outputs, int Steps, double Chance, double LeastLoss) : ICodeFacts
{
    /// <summary>What is measured besides the loss; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Measure { get; init; }

    /// <summary>Whether that decides which weights are best; null where nothing is measured, and in runs of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? MeasureDecides { get; init; }

    /// <summary>What guessing gives of it; null where that is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeasureChance { get; init; }

    /// <summary>The side of the images that steps start with; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Side { get; init; }

    public static TaskFacts Of(Run run, CodeFile file)
    {
        var (task, episodes) = (run.Task, run.Episodes);
        return new(
            file.Name, file.Value, file.Hash, task.Name, task.Summary, task.Floor, $"{task.Loss}", [.. task.Reads], episodes.Inputs,
            episodes.Outputs, episodes.Steps, run.Chance, run.LeastLoss)
        {
            Measure = task.Measure?.Name,
            MeasureDecides = task.Measure?.Decides,
            MeasureChance = task.Measure is { Chance: not double.NaN and var chance } ? chance : null,
            Side = episodes.ImageSide > 0 ? episodes.ImageSide : null,
        };
    }

    /// <summary>The task without its code.</summary>
    // In earlier versions the tasks of image sets alone had a metric that decides.
    public Tasks.Task Task() => StandIn.Task(
        Name, Summary, Floor, Loss, Measure, MeasureDecides ?? Side is not null, MeasureChance ?? double.NaN, Reads, Inputs, Outputs, Steps, Side ?? 0, Chance, LeastLoss);
}
