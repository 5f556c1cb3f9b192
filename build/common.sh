# Shared by ./plastic and ./check; sourced, with `root` set to the repository's folder.
# Bash only. Exit codes are the program's own: 70 the build failed, 78 the machine is not set up.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Build servers would outlive the command and hold its files.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

state="$root/.build"
program="$root/src/Plastic.Host/bin/Release/net10.0/plastic.dll"

die() {
    local code=$1
    shift
    echo "plastic: $*" >&2
    exit "$code"
}

need_dotnet() {
    command -v dotnet >/dev/null ||
        die 78 "dotnet was not found: install the .NET 10 SDK and put dotnet on PATH"
    # Run here so that global.json is asked: dotnet alone says little about a missing SDK.
    (cd "$root" && dotnet --version) >/dev/null 2>&1 ||
        die 78 "dotnet was found but not a .NET 10 SDK (see global.json): install the .NET 10 SDK"
}

# The feed is a fact of the machine, not of the repository (docs/adr/0003): paket reads it from NUGET_FEED.
need_feed() {
    [ -n "${NUGET_FEED:-}" ] && return
    # Lines read "E https://…" or "D https://…"; E is enabled, further letters say where the source stands.
    NUGET_FEED=$(cd "$root" && dotnet nuget list source --format Short 2>/dev/null |
        sed -nE 's#^E[A-Z]* +(https?://.*|/.*)$#\1#p' | head -n 1)
    [ -n "$NUGET_FEED" ] ||
        die 78 "no enabled package source in this machine's NuGet configuration: add one (dotnet nuget add source) or set NUGET_FEED"
    export NUGET_FEED
}

# One build at a time. The lock is given up by close_lock or by the end of this shell; children must not inherit it (9>&-).
open_lock() {
    mkdir -p "$state"
    exec 9>"$state/lock"
    if command -v flock >/dev/null; then flock 9; fi
}

close_lock() {
    exec 9>&-
}

# True when the built program is older than anything it is built from. Folders count too: their time tells of a deleted file.
is_stale() {
    local stamp="$state/stamp"
    [ -f "$program" ] && [ -f "$stamp" ] || return 0
    [ -n "$(cd "$root" && find src ./*.props ./*.targets global.json paket.lock .config/dotnet-tools.json \
        \( -name bin -o -name obj \) -prune -o -newer "$stamp" -print -quit)" ]
}

# The stamp carries the time at which the build began, so that a file saved meanwhile counts as newer.
# bin and obj are made beforehand, or making them would touch the project's folder after that.
begin_build() {
    local project
    for project in "$root"/src/*/; do mkdir -p "$project/bin" "$project/obj"; done
    touch "$state/stamp.next"
}

end_build() {
    mv "$state/stamp.next" "$state/stamp"
}

restore() {
    (
        cd "$root" &&
            dotnet tool restore --add-source "$NUGET_FEED" &&
            dotnet paket restore
    ) 9>&-
}

# Waits for a process of this shell: with a line that counts the seconds on a terminal, and one plain line elsewhere.
wait_for() {
    local process=$1 doing=$2 start=$SECONDS
    if [ -t 2 ]; then
        # On Ctrl-C the build is stopped too, as it is in the terminal's group; the line is removed in any case.
        trap 'printf "\r\033[K" >&2; exit 130' INT
        while kill -0 "$process" 2>/dev/null; do
            printf '\r\033[Kplastic: %s %d s' "$doing" $((SECONDS - start)) >&2
            sleep 0.5
        done
        trap - INT
        printf '\r\033[K' >&2
    else
        echo "plastic: $doing" >&2
    fi
    wait "$process"
}
