"""How the parts are joined: every constructor is called here or in main, and nowhere else."""
