kvplan list policies --json
