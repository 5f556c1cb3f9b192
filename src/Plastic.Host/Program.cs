using Plastic.Host;

// Results alone go to stdout, whatever the code of a user's file prints.
var results = Console.Out;
Console.SetOut(Console.Error);
return (int)Application.Run(args, results, Console.Error);
