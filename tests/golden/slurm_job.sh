#!/usr/bin/env bash

#SBATCH -J dask-worker
#SBATCH -p compute
#SBATCH -A my-project
#SBATCH -n 1
#SBATCH --cpus-per-task=16
#SBATCH --mem=30G
#SBATCH -t 02:00:00
source /shared/expansion-sim/bin/activate
<python> -m distributed.cli.dask_worker <scheduler> --name dummy-name --nthreads 1 --memory-limit 1.86GiB --nworkers 16 --nanny --death-timeout 60 --lifetime 110m --lifetime-stagger 5m --protocol tls --tls-ca-file <tmp>/certificate --tls-cert <tmp>/certificate --tls-key <tmp>/certificate
