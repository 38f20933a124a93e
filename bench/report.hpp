#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

/// What every bench answers: cases, each with a value, its unit, the limit that was measured
/// beside it in the same run, and the ratio of the two.
namespace bench {

/// The value that `part` of `values` are not above; 0 of none.
inline double quantile(std::vector<double> values, double part)
{
    if (values.empty()) return 0;
    const auto at =
        values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

class Report {
public:
    /// Prints the case at once.
    void add(const std::string& name, double value, const std::string& unit, double limit)
    {
        const double ratio = limit > 0 ? value / limit : 0;
        fmt::print("{:44} {:12.2f} {:8} limit {:12.2f}  ratio {:6.3f}\n", name, value, unit, limit,
                   ratio);
        std::fflush(stdout);
        cases_.push_back(
            {{"name", name}, {"value", value}, {"unit", unit}, {"limit", limit}, {"ratio", ratio}});
    }

    /// True also when `path` is empty, which means that nobody wants a file.
    bool write(const std::string& path) const
    {
        if (path.empty()) return true;
        std::ofstream file{path};
        file << nlohmann::json{{"cases", cases_}}.dump(2) << '\n';
        return file.flush().good();
    }

private:
    nlohmann::json cases_ = nlohmann::json::array();
};

}  // namespace bench
