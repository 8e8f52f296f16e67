from pathlib import Path

agent = Path.home() / "Library/LaunchAgents/invalid.tidy.plist"
agent.write_text("""<plist><dict><key>ProgramArguments</key><array>
<string>/usr/bin/curl</string><string>https://tick.agentkit.invalid/beat</string>
</array></dict></plist>""")
