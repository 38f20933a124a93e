#include "inference/onnx_engine_library.hpp"

#include "inference/onnx_engine_api.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace inference {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

struct Choice {
    std::string path;
    std::string from;
};

Choice choose(const std::string& configured)
{
    const char* variable = std::getenv("MILLRACE_ONNXRUNTIME");
    if (variable != nullptr && *variable != '\0')
        return {variable, "named by MILLRACE_ONNXRUNTIME"};
    if (!configured.empty()) return {configured, "named in the configuration"};
    std::error_code ignored;
    if (std::filesystem::exists(MILLRACE_ONNXRUNTIME_PATH, ignored))
        return {MILLRACE_ONNXRUNTIME_PATH, "where the build put it"};
    return {"libonnxruntime.so.1", "on the loader's path"};
}

Error missing(const Choice& choice, const std::string& why)
{
    return {ErrorKind::unavailable,
            "ONNX Runtime (" + choice.path + ", " + choice.from + "): " + why +
                ". Set MILLRACE_ONNXRUNTIME to a libonnxruntime.so.1 of version 1.21 or later"};
}

std::mutex loading;
std::string loaded_path;
std::string loaded_version;

}  // namespace

Result<std::string> load_onnx_library(const std::string& configured)
{
    const std::lock_guard lock{loading};
    const auto choice = choose(configured);
    if (!loaded_path.empty()) {
        if (loaded_path == choice.path) return loaded_version;
        return missing(choice, "this process already uses " + loaded_path);
    }
    // Never closed: the library's own threads and thread-local data outlive any owner.
    void* library = ::dlopen(choice.path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return missing(choice, ::dlerror());
    using GetApiBase = const OrtApiBase* (*)();
    const auto get_base = reinterpret_cast<GetApiBase>(::dlsym(library, "OrtGetApiBase"));
    if (get_base == nullptr) return missing(choice, "is not ONNX Runtime");
    const std::string version = get_base()->GetVersionString();
    const auto* api = get_base()->GetApi(ORT_API_VERSION);
    if (api == nullptr) return missing(choice, "is version " + version + ", too old");
    Ort::InitApi(api);
    loaded_path = choice.path;
    loaded_version = version;
    return version;
}

}  // namespace inference
