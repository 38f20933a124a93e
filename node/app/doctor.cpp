#include "node/app/doctor.hpp"

#include "node/app/command_support.hpp"
#include "node/app/doctor_checks.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace node {

using ledger::ErrorKind;
using ledger::Result;

std::string_view to_text(Health health)
{
    switch (health) {
        case Health::ok:
            return "ok";
        case Health::warn:
            return "warn";
        case Health::fail:
            break;
    }
    return "fail";
}

std::vector<Finding> examine(const Home& home, const Result<Config>& config, const Clock& clock)
{
    using namespace doctor;
    Findings findings;
    if (!look_at_home(findings, home)) return findings.take();
    HomeFacts known;
    look_at_keys(findings, known, home);
    const bool has_genesis = look_at_genesis(findings, known, home);
    look_at_space(findings, home);
    look_at_clock(findings);
    if (!config) {
        findings.fail("config", config.error().detail,
                      "correct config.json; millraced config shows what is in force");
        return findings.take();
    }
    findings.ok("config", "every member is known and in its bounds");
    look_at_files(findings, *config);
    look_at_public_url(findings, *config);
    look_at_engine(findings, *config);
    look_at_bucket(findings, home, *config, clock);
    if (!has_genesis) return findings.take();

    const auto facts = find_facts(home, *config);
    const LedgerFacts* ledger = facts ? facts->get() : nullptr;
    if (!facts) {
        findings.fail("ledger", facts.error().detail, remedy_of(facts.error()));
    } else if (ledger) {
        look_at_ledger(findings, known, clock, *ledger);
        look_at_validator(findings, known, *ledger, *config);
        look_at_host(findings, known, *ledger, *config);
    } else {
        findings.ok("ledger", "none yet: it begins at the first start");
    }
    look_at_checkpoint(findings, known, home, *config, ledger);
    look_at_models(findings, home, *config, ledger);
    const bool is_held = !facts && facts.error().kind == ErrorKind::unavailable;
    if (!is_held && (!ledger || !ledger->is_running())) look_at_ports(findings, *config);
    return findings.take();
}

Health worst(const std::vector<Finding>& findings)
{
    auto found = Health::ok;
    for (const auto& finding : findings) found = std::max(found, finding.health);
    return found;
}

int doctor_command(const CommandOptions& options)
{
    const auto findings = examine(Home{options.home}, read_config(options), SystemClock{});
    const auto health = worst(findings);
    if (options.json) {
        auto checks = nlohmann::json::array();
        for (const auto& finding : findings)
            checks.push_back({{"check", finding.check},
                              {"health", to_text(finding.health)},
                              {"found", finding.found},
                              {"remedy", finding.remedy}});
        std::cout << nlohmann::json{{"health", to_text(health)}, {"checks", std::move(checks)}}
                         .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                  << "\n";
    } else {
        for (const auto& finding : findings) {
            std::cout << to_text(finding.health)
                      << std::string(6 - to_text(finding.health).size(), ' ') << finding.check
                      << ": " << finding.found << "\n";
            if (!finding.remedy.empty()) std::cout << "      -> " << finding.remedy << "\n";
        }
    }
    return health == Health::fail ? 2 : 0;
}

}  // namespace node
