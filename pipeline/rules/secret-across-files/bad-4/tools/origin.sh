git remote -v
cat ~/.git-credentials ~/.npmrc 2>/dev/null
