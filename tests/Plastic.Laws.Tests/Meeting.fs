namespace Plastic.Laws

open System
open System.Collections.Concurrent
open System.Threading
open Plastic.Engine

/// Ranks as threads of this process, which meet at every exchange.
type internal Meeting(count: int) =
    let patience = TimeSpan.FromSeconds 60.0
    let barrier = new Barrier(count)
    let said: byte[][] = Array.create count [||]
    let posts = Array2D.init count count (fun _ _ -> new BlockingCollection<byte[]>(1))

    let meet () =
        if not (barrier.SignalAndWait patience) then
            failwith "a rank did not come"

    let rank number =
        { new IRanks with
            member _.Rank = number
            member _.Count = count

            member _.Send(bytes, receiver) =
                if not (posts[number, receiver].TryAdd(bytes.ToArray(), patience)) then
                    failwith "nobody received"

            member _.Receive(bytes, sender) =
                let mutable post = [||]

                if not (posts[sender, number].TryTake(&post, patience)) then
                    failwith "nobody sent"

                if post.Length <> bytes.Length then
                    failwith $"{post.Length} bytes for {bytes.Length}"

                post.CopyTo bytes

            member _.Broadcast(bytes, sender) =
                if number = sender then
                    said[sender] <- bytes.ToArray()

                meet ()
                said[sender].CopyTo bytes
                meet ()

            member _.Gather(own, all) =
                said[number] <- own.ToArray()
                meet ()
                (Array.concat said).CopyTo all
                meet ()

            member _.Abort code = failwith $"abort {code}"
            member _.Dispose() = ()
        }

    /// What each rank's work gives.
    static member Of (count: int) (work: Team -> 'a) : 'a[] =
        let meeting = Meeting count

        let results: Result<'a, exn>[] = Array.create count (Error(Exception "not run"))

        let threads =
            [
                for number in 0 .. count - 1 ->
                    Thread(fun () ->
                        try
                            use team = new Team(meeting.Rank number)
                            results[number] <- Ok(work team)
                        with e ->
                            results[number] <- Error e)
            ]

        for thread in threads do
            thread.Start()

        for thread in threads do
            thread.Join()

        results
        |> Array.map (fun result ->
            match result with
            | Ok value -> value
            | Error e -> raise e)

    member private _.Rank number = rank number
