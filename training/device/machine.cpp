#include "training/device/machine.hpp"

#include <ATen/Version.h>

#include <dlfcn.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <limits>

namespace training {
namespace {

constexpr std::size_t most_text_bytes = 64;
constexpr std::size_t most_class_bytes = 32;

std::string content_of(const char* path)
{
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string trimmed(std::string_view text)
{
    std::string kept;
    for (const auto letter : text) {
        const bool is_plain = letter > ' ' && letter < 0x7f;
        if (is_plain) kept += letter;
        // Some name processors with runs of blanks.
        if (!is_plain && !kept.empty() && kept.back() != ' ') kept += ' ';
    }
    kept.resize(std::min(kept.size(), most_text_bytes));
    while (kept.ends_with(' ')) kept.pop_back();
    return kept;
}

/// What OpenBLAS says of itself, where libtorch found that one: the library is whichever the system
/// calls libblas.
std::string openblas(const char* question)
{
    auto* found = dlsym(RTLD_DEFAULT, question);
    if (found == nullptr) return {};
    const char* said = reinterpret_cast<const char* (*)()>(found)();
    return said == nullptr ? std::string{} : said;
}

/// "OpenBLAS 0.3.21" of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...".
std::string two_words_of(const std::string& text)
{
    const auto first = text.find(' ');
    return first == std::string::npos ? text : text.substr(0, text.find(' ', first + 1));
}

std::uint64_t number_in(const char* path)
{
    std::uint64_t number = 0;
    return std::ifstream{path} >> number ? number : std::numeric_limits<std::uint64_t>::max();
}

/// A container may have less than the machine has.
std::uint64_t memory_bytes()
{
    const auto pages = sysconf(_SC_PHYS_PAGES);
    const auto page = sysconf(_SC_PAGESIZE);
    const auto all = pages > 0 && page > 0
                         ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)
                         : 0;
    return std::min({all, number_in("/sys/fs/cgroup/memory.max"),
                     number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

std::string architecture()
{
    utsname name{};
    return uname(&name) == 0 ? name.machine : "unknown";
}

}  // namespace

std::string_view said_after(std::string_view label, std::string_view text)
{
    const auto at = text.find(label);
    if (at == std::string_view::npos) return {};
    const auto rest = text.substr(at + label.size());
    return rest.substr(0, rest.find_first_of(",\n"));
}

std::string processor_name(std::string_view cpuinfo)
{
    const auto at = cpuinfo.find("model name");
    if (at == std::string_view::npos) return {};
    const auto line = cpuinfo.substr(at, cpuinfo.find('\n', at) - at);
    const auto colon = line.find(':');
    return colon == std::string_view::npos ? std::string{} : trimmed(line.substr(colon + 1));
}

std::string arch_class_of(std::string_view architecture, std::string_view instructions,
                          std::string_view blas_kernels)
{
    auto name = "cpu-" + std::string{architecture} + "-" + std::string{instructions} + "-" +
                std::string{blas_kernels};
    for (auto& letter : name) {
        const auto byte = static_cast<unsigned char>(letter);
        letter =
            std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::tolower(byte)) : '-';
    }
    name.resize(std::min(name.size(), most_class_bytes));
    while (name.ends_with('-')) name.pop_back();
    return name;
}

Machine this_machine()
{
    const auto libtorch = at::show_config();
    // It says "NO AVX" where it uses no more than every processor of the kind has.
    const auto said = said_after("CPU capability usage: ", libtorch);
    const auto instructions = said.starts_with("NO") ? std::string_view{"sse"} : said;
    const auto kernels = openblas("openblas_get_corename");
    Machine machine;
    machine.device = processor_name(content_of("/proc/cpuinfo"));
    if (machine.device.empty()) machine.device = architecture();
    machine.memory_mib = memory_bytes() >> 20;
    auto driver = "libtorch " + std::string{said_after("TORCH_VERSION=", libtorch)};
    if (!kernels.empty())
        driver += ", " + two_words_of(openblas("openblas_get_config")) + " " + kernels;
    machine.driver = trimmed(driver);
    machine.arch_class = arch_class_of(architecture(), instructions, kernels);
    return machine;
}

}  // namespace training
