# SPDX-License-Identifier: MIT
# Helpers that say intent: a library, a program, a workload, a test. They carry the flags, so that no target sets its own.

add_library(ilv_flags INTERFACE)
target_compile_features(ilv_flags INTERFACE c_std_11)
target_compile_definitions(ilv_flags INTERFACE _GNU_SOURCE)
target_include_directories(ilv_flags INTERFACE
	"${PROJECT_SOURCE_DIR}"
	"${PROJECT_SOURCE_DIR}/tracepoints/include"
	"${PROJECT_BINARY_DIR}/generated")
target_compile_options(ilv_flags INTERFACE
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	# What a table's row leaves out is zero, by the language: Clang would have every row say it.
	-Wno-missing-field-initializers
	$<$<BOOL:${ILV_WERROR}>:-Werror>)
if(ILV_SANITIZE)
	target_compile_options(ilv_flags INTERFACE
		-fsanitize=${ILV_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	target_link_options(ilv_flags INTERFACE -fsanitize=${ILV_SANITIZE})
endif()
if(ILV_COVERAGE)
	target_compile_options(ilv_flags INTERFACE --coverage)
	target_link_options(ilv_flags INTERFACE --coverage)
endif()

# ilv_library(NAME SOURCES ... [LINK ...]): a static, position-independent library inside the project, ilv::NAME.
function(ilv_library name)
	cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
	add_library(ilv_${name} STATIC ${arg_SOURCES})
	add_library(ilv::${name} ALIAS ilv_${name})
	set_target_properties(ilv_${name} PROPERTIES
		C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
	target_link_libraries(ilv_${name} PUBLIC ilv_flags ${arg_LINK})
endfunction()

# ilv_program(NAME SOURCES ... [LINK ...]): an installed program.
function(ilv_program name)
	cmake_parse_arguments(arg "" "OUTPUT" "SOURCES;LINK" ${ARGN})
	add_executable(${name} ${arg_SOURCES})
	set_target_properties(${name} PROPERTIES C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden
		RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
	if(arg_OUTPUT)
		set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT})
	endif()
	target_link_libraries(${name} PRIVATE ilv_flags ${arg_LINK})
	install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endfunction()

# ilv_test(NAME LABEL label [SOURCES ...] [LINK ...] [COMMAND ...] [TIMEOUT s] [SERIAL]): one entry of ctest. With
# SOURCES it is a cmocka program, with COMMAND anything; 77 means skipped. The program to test is in the
# environment: ILV_BIN is the folder of the programs, ILV_SOURCE the root of the tree.
function(ilv_test name)
	cmake_parse_arguments(arg "SERIAL" "LABEL;TIMEOUT" "SOURCES;LINK;COMMAND" ${ARGN})
	if(arg_SOURCES)
		add_executable(test_${name} ${arg_SOURCES})
		set_target_properties(test_${name} PROPERTIES C_EXTENSIONS OFF)
		target_link_libraries(test_${name} PRIVATE ilv_flags ${arg_LINK} PkgConfig::CMOCKA)
	endif()
	if(NOT arg_COMMAND)
		set(arg_COMMAND test_${name})
	endif()
	if(NOT arg_TIMEOUT)
		set(arg_TIMEOUT 120)
	endif()
	# ThreadSanitizer's programs take 5 to 15 times as long, and its forked children end by the patience of who waits.
	if(ILV_SANITIZE MATCHES "thread")
		math(EXPR arg_TIMEOUT "5 * ${arg_TIMEOUT}")
	endif()
	add_test(NAME ${name} COMMAND ${arg_COMMAND})
	set_tests_properties(${name} PROPERTIES
		LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
		ENVIRONMENT "ILV_BIN=${PROJECT_BINARY_DIR}/bin;ILV_BUILD=${PROJECT_BINARY_DIR};ILV_SOURCE=${PROJECT_SOURCE_DIR}")
	if(arg_SERIAL)
		set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
	endif()
endfunction()
