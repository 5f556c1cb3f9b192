using Plastic.Host;

return (int)Application.Run(args, Console.Out, Console.Error);
