# What `cmake --install` installs: the program (component program), and the blocks as libraries that
# find_package(seendr) finds (component blocks). Headers keep their paths, below include/seendr.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(blocks base codec runtime redis cache ratelimit leaderboard channels tasks auth)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/seendr)

foreach(block IN LISTS blocks ITEMS boost)
  set_target_properties(seendr_${block} PROPERTIES EXPORT_NAME ${block})
  install(TARGETS seendr_${block} EXPORT seendr
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT blocks)
endforeach()
foreach(block IN LISTS blocks)
  install(DIRECTORY src/${block} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/seendr COMPONENT blocks
          FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(EXPORT seendr NAMESPACE seendr:: FILE seendrTargets.cmake DESTINATION ${package}
        COMPONENT blocks)

configure_package_config_file(cmake/seendrConfig.cmake.in ${CMAKE_BINARY_DIR}/seendrConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/seendrConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/seendrConfig.cmake ${CMAKE_BINARY_DIR}/seendrConfigVersion.cmake
        DESTINATION ${package} COMPONENT blocks)

install(TARGETS seendr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
