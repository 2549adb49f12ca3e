from tests.gateway.conftest import empty_file, quick_world, settings, var_dir

__all__ = ["empty_file", "quick_world", "settings", "var_dir"]
