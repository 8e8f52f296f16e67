rule AgentThatStays
{
    meta:
        reference = "https://reports.invalid/agent"
    strings:
        $place = "Library/LaunchAgents" ascii
        $other = "launchctl load" ascii
        $url = "http://agent-server.invalid/up" ascii
    condition:
        all of them
}
