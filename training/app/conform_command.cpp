#include "training/app/commands.hpp"
#include "training/conform/case_folder.hpp"
#include "training/conform/conform.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace training {

int conform_command(const CommandOptions& options, std::ostream& out, std::ostream& error)
{
    using nlohmann::json;
    const auto folders = find_cases(options.path);
    if (!folders || folders->empty()) {
        error << "millrace-trainer: "
              << (folders ? options.path + " holds no model.onnx" : folders.error().detail) << '\n';
        return unreadable;
    }
    std::map<Verdict, std::size_t> counts;
    auto cases = json::array();
    for (const auto& folder : *folders) {
        const auto result = run_case(folder, {options.relative, options.absolute});
        ++counts[result.verdict];
        if (options.json) {
            cases.push_back({{"name", result.name},
                             {"verdict", name_of(result.verdict)},
                             {"reason", result.reason}});
            continue;
        }
        if (result.verdict == Verdict::passed && !options.verbose) continue;
        out << name_of(result.verdict) << "  " << result.name;
        if (!result.reason.empty()) out << ": " << result.reason;
        out << '\n';
    }
    const auto failed = counts[Verdict::failed];
    const auto unsupported = counts[Verdict::unsupported];
    if (options.json)
        out << json{{"passed", counts[Verdict::passed]},
                    {"failed", failed},
                    {"unsupported", unsupported},
                    {"cases", cases}}
                   .dump(2, ' ', false, json::error_handler_t::replace)
            << '\n';
    else
        out << counts[Verdict::passed] << " passed, " << failed << " failed, " << unsupported
            << " unsupported\n";
    return failed != 0 || (options.strict && unsupported != 0) ? refused : all_good;
}

}  // namespace training
