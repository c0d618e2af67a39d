kvplan show model qwen3-30b-a3b
