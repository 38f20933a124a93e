#pragma once

#include "node/providers/provider_page.hpp"

#include <map>
#include <optional>
#include <set>

namespace node {

struct ProviderBookLimits {
    std::size_t providers = 1'024;
    std::size_t batches = 262'144;  ///< of all pages together
};

/// A place among all pages, ordered by provider and number.
struct PageCursor {
    ledger::PublicKey key;
    std::uint32_t page{};
    friend auto operator<=>(const PageCursor&, const PageCursor&) = default;
};
MILLRACE_DESCRIBE(PageCursor, (key, page))

enum class Learnt { fresh, known, no_room };

/// The newest pages of all providers, and who keeps which batch by them. Pages were checked before.
/// Nobody's pages push out another's: when it is full, who is new waits until others have expired;
/// the node's own always have room. Pure: time is an argument, and what has expired is not told of.
class ProviderBook {
public:
    explicit ProviderBook(const ledger::PublicKey& own, const ProviderBookLimits& limits = {})
        : own_{own}, limits_{limits}
    {
    }

    /// Whether `learn` would take it if there is room: cheap, to be asked before a signature is
    /// looked at.
    bool is_news(const ProviderPage& page) const;
    /// Takes a page that is newer than the one of its number. Pages that its provider no longer
    /// has are dropped.
    Learnt learn(const ProviderPage& page, ledger::TimeMs now);
    void drop_expired(ledger::TimeMs now);

    struct Keeper {
        ledger::PublicKey key;
        std::string url;
        std::uint64_t expires_s{};
        bool mirrors{};
        friend bool operator==(const Keeper&, const Keeper&) = default;
    };
    /// Who says it has this batch, ascending by key.
    std::vector<Keeper> keepers_of(const ledger::Hash& root, ledger::TimeMs now) const;

    struct Wanted {
        std::uint8_t copies{};
        std::uint64_t until_s{};
        friend bool operator==(const Wanted&, const Wanted&) = default;
    };
    /// The most copies and the latest end that anybody says who has it.
    std::optional<Wanted> wanted(const ledger::Hash& root, ledger::TimeMs now) const;
    /// Roots behind `after`, ascending, at most `most`: wanted or not.
    std::vector<ledger::Hash> roots(const std::optional<ledger::Hash>& after,
                                    std::size_t most) const;

    /// Who offers to keep what too few do, ascending.
    std::vector<ledger::PublicKey> mirrors(ledger::TimeMs now) const;
    /// The first page behind `cursor`, or of all; null at the end. Valid until the next change.
    const ProviderPage* after(const std::optional<PageCursor>& cursor, ledger::TimeMs now) const;

    std::size_t providers() const { return providers_.size(); }
    std::size_t batches() const { return index_.size(); }

private:
    struct Entry {
        ledger::Hash root;
        const ProviderPage* page;
    };
    struct ByRoot {
        using is_transparent = void;
        bool operator()(const Entry& a, const Entry& b) const;
        bool operator()(const Entry& a, const ledger::Hash& b) const { return a.root < b; }
        bool operator()(const ledger::Hash& a, const Entry& b) const { return a < b.root; }
    };
    using Pages = std::map<std::uint32_t, ProviderPage>;

    static const ProviderPage* newest(const Pages&);
    bool has_room(const ProviderPage& page) const;
    void remove(Pages&, Pages::iterator);
    template <class Visit>
    void visit(const ledger::Hash& root, ledger::TimeMs now, Visit&& visit) const;

    const ledger::PublicKey own_;
    const ProviderBookLimits limits_;
    std::map<ledger::PublicKey, Pages> providers_;
    std::set<Entry, ByRoot> index_;  ///< of the batches of all pages
    std::size_t own_batches_ = 0;    ///< of these, those on our own pages
};

}  // namespace node
