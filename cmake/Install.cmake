# cmake --install BUILD --prefix /usr/local: see packaging/README.md.
include(GNUInstallDirs)
install(TARGETS millraced millrace RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${ONNXRUNTIME_ROOT}/lib/libonnxruntime.so.1 DESTINATION lib/millrace)
install(FILES packaging/millraced.service DESTINATION lib/systemd/system)

# Training, which brings libtorch: cmake --install BUILD --component trainer.
install(TARGETS millrace-trainer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT trainer
        EXCLUDE_FROM_ALL)

# What devices need, without a node: cmake --install BUILD --component edge.
install(TARGETS millrace-edge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT edge
        EXCLUDE_FROM_ALL)
install(TARGETS millrace_edge
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT edge EXCLUDE_FROM_ALL
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT edge EXCLUDE_FROM_ALL)
