#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace training {

/// What an offer of computing time says of a machine, as the ledger bounds it.
struct Machine {
    std::string device;            ///< the processor's name, at most 64 bytes
    std::uint64_t memory_mib = 0;  ///< of the machine, or what this process may have of it
    std::string driver;            ///< libraries that compute, at most 64 bytes
    std::string arch_class;        ///< arch_class_of
};

/// This machine, by what the kernel and the libraries say of it.
Machine this_machine();

/// The processor's name from the text of /proc/cpuinfo; empty where it has none.
std::string processor_name(std::string_view cpuinfo);

/// A name that is the same for machines which compute the same bits with the same libraries, 1 to
/// 32 bytes of a-z, 0-9, dots and hyphens: "cpu-x86-64-avx2-haswell". Of it are the instructions
/// that libtorch's own kernels use, and the kernels that the BLAS library chose; either adds
/// numbers in an order of its own.
std::string arch_class_of(std::string_view architecture, std::string_view instructions,
                          std::string_view blas_kernels);

/// What follows `label` in the text that libtorch says of itself, up to the end of line or a comma.
std::string_view said_after(std::string_view label, std::string_view text);

}  // namespace training
