using Plastic.Host;

// Open MPI gives its processes a terminal, to which the runtime of each would write its commands.
if (args.Contains("--ranks")) Environment.SetEnvironmentVariable("TERM", "dumb");

// Results alone go to stdout, whatever the code of a user's file prints.
var results = Console.Out;
Console.SetOut(Console.Error);
return (int)Application.Run(args, results, Console.Error);
