kvplan plan -m opt-1.3b -w a100-40gb-pcie4 -b 65 -s 113 -g 9 -o plan.json >table
sed "/^.\"hardware\":/q" plan.json
