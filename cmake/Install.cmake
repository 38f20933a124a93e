# cmake --install BUILD --prefix /usr/local: see packaging/README.md.
include(GNUInstallDirs)
install(TARGETS millraced millrace RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${ONNXRUNTIME_ROOT}/lib/libonnxruntime.so.1 DESTINATION lib/millrace)
install(FILES packaging/millraced.service DESTINATION lib/systemd/system)
