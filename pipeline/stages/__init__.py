"""The five stages. Each is ``run(given, ports) -> StageOutput`` or raises ``StageRejected``."""
