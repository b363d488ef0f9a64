"""The entry of the training process; `trainer.training` starts it."""

from trainer.child.main import main

raise SystemExit(main())
