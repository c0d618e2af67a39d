kvplan list policies
