# Sources of the stages `plan` (buffers, launches) and kernels (loops and vectors), read by ../CMakeLists.txt.
set(HEDDLE_CPU_PLAN_SOURCES
  kernels/AccessPattern.cpp kernels/AttentionBlocks.cpp kernels/AttentionGradientKernel.cpp kernels/AttentionKernel.cpp
  kernels/AttentionQueryKernel.cpp kernels/ColumnKernel.cpp kernels/CopyKernel.cpp kernels/ElementEmitter.cpp
  kernels/Epilogue.cpp kernels/FusionBody.cpp kernels/KernelLibrary.cpp kernels/MatmulKernel.cpp kernels/MatmulTiles.cpp
  kernels/PackedPanels.cpp kernels/PanelsOfB.cpp kernels/ProductBatches.cpp kernels/Reductions.cpp kernels/RowKernel.cpp
  kernels/ScalarKernel.cpp kernels/ScatterKernel.cpp kernels/TiledProduct.cpp kernels/VectorDots.cpp kernels/VectorProductKernel.cpp
  plan/ContractionLayout.cpp plan/Epilogues.cpp plan/Layout.cpp plan/MemoryPlan.cpp plan/PackedTensors.cpp plan/Plan.cpp
  plan/PlanReport.cpp plan/Placement.cpp plan/ProductProviders.cpp plan/Schedule.cpp
  plan/ScheduleProducts.cpp plan/ScheduleSingles.cpp plan/StoredPanels.cpp plan/Work.cpp)
