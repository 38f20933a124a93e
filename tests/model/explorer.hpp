#pragma once

#include "tests/model/world.hpp"

#include <unordered_set>

namespace model {

struct Explored {
    std::uint64_t states = 0;
    std::uint64_t transitions = 0;   ///< those that lead elsewhere
    std::uint64_t local_states = 0;  ///< of the real core, all three honest validators together
    std::uint64_t steps = 0;         ///< calls of the real core
    std::uint32_t depth = 0;
    std::uint64_t with_final_blocks = 0;  ///< states in which somebody has one
    bool is_complete = true;
    std::string failure;             ///< the rule that broke
    std::vector<std::string> trace;  ///< the shortest way there
};

/// Every state that can be reached, nearest first. What a validator does depends on its own state
/// and on what reaches it alone, so the real core runs once for each of these pairs, and states of
/// the network are triples of states of one.
class Explorer {
public:
    explicit Explorer(const Scope&);
    ~Explorer();
    /// `most` states, or all of them when it is 0.
    Explored run(std::uint64_t most);

private:
    using LocalId = std::uint32_t;
    struct Local;
    struct State {
        std::array<LocalId, honest_count> at{};
        std::uint32_t before{};
        LetterId letter{};
        std::uint32_t who{};
    };

    LocalId start(std::size_t who);
    LocalId after(LocalId, LetterId);
    LocalId keep(std::unique_ptr<Local>);
    std::unique_ptr<Local> boot(std::size_t who, Durable, std::uint64_t clock);
    void hear(Local&, const Output&);
    View still_leads(const Local&) const;
    bool matters(const Local&, const Letter&) const;
    const Knowledge& know(const State&);
    std::string wrong(const State&);
    std::vector<std::string> trace(std::size_t) const;
    std::string news(const Said& before, const Said& after) const;

    World world_;
    std::vector<std::unique_ptr<sim::HashSigner>> signers_;
    std::vector<std::unique_ptr<Local>> locals_;
    std::map<Hash, LocalId> local_ids_;
    std::map<Said, std::uint32_t> said_ids_;
    std::vector<const Said*> said_;
    std::unordered_map<std::uint64_t, Knowledge> known_;
    std::vector<State> states_;
    std::unordered_set<std::uint64_t> visited_;
    Explored result_;
};

}  // namespace model
