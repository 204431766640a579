/* Time stamps as milliseconds of UTC. */
#include "base.h"

#include <inttypes.h>
#include <stdio.h>

/* Days from 1970-01-01; months count from March so that the leap day is last. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

int64_t uct_time_civil(int year, int month, int day, int hour, int minute, int second, int ms)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 24 ||
        minute < 0 || minute > 59 || second < 0 || second > 60 || ms < 0 || ms > 999)
        return UCT_NO_TIME;
    static const signed char lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (day > lengths[month - 1])
        return UCT_NO_TIME;
    return (((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms;
}

const char *uct_time_format(int64_t t, char out[32])
{
    int64_t days = t / 86400000, rest = t % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int d = (int)(doy - (153 * mp + 2) / 5 + 1), m = (int)(mp < 10 ? mp + 3 : mp - 9);
    int64_t y = yoe + era * 400 + (m <= 2);
    int s = (int)(rest / 1000);
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(y % 10000), m, d, s / 3600, s / 60 % 60, s % 60,
             (int)(rest % 1000));
    return out;
}

/* Seconds to the millisecond, without noughts at the end. */
static void add_seconds(struct uct_buf *b, int64_t ms)
{
    char digits[12];
    snprintf(digits, sizeof digits, "%03d", (int)(ms % 1000));
    for (int k = 2; k > 0 && digits[k] == '0'; k--)
        digits[k] = '\0';
    uct_buf_addf(b, "%d.%s s", (int)(ms / 1000), digits);
}

void uct_length_add(struct uct_buf *b, int64_t ms)
{
    if (ms < 60000) {
        add_seconds(b, ms);
        return;
    }
    int64_t tenths = (ms + 50) / 100, s = tenths / 10, d = s / 86400, h = s / 3600 % 24, m = s / 60 % 60;
    if (d) {
        uct_buf_addf(b, "%" PRId64 " d %" PRId64 " h", d, h);
        return;
    }
    if (h)
        uct_buf_addf(b, "%" PRId64 " h ", h);
    uct_buf_addf(b, "%" PRId64 " min %" PRId64 ".%d s", m, s % 60, (int)(tenths % 10));
}

static bool is_zone(int minutes)
{
    static const short odd[] = {-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (minutes == odd[i])
            return true;
    return minutes % 60 == 0;
}

int64_t uct_zone_likely(int64_t offset_ms)
{
    const int64_t quarter = 15 * 60000, hour = 4 * quarter;
    int64_t zone = (offset_ms + (offset_ms < 0 ? -quarter : quarter) / 2) / quarter * quarter;
    if (zone < -12 * hour || zone > 14 * hour)
        return 0;
    return is_zone((int)(zone / 60000)) || zone <= -hour || zone >= hour ? zone : 0;
}

const char *uct_zone_format(int64_t offset_ms, char out[16])
{
    int64_t quarter = 15 * 60000, abs = offset_ms < 0 ? -offset_ms : offset_ms;
    int minutes = (int)((abs + quarter / 2) / quarter % 96 * 15);
    snprintf(out, 16, "%c%02d:%02d", offset_ms < 0 && minutes ? '-' : '+', minutes / 60 % 24, minutes % 60);
    return out;
}

/* Exactly n digits; -1 if there are not. */
static int digits(struct uct_slice s, size_t at, size_t n)
{
    int v = 0;
    if (at + n > s.n)
        return -1;
    for (size_t i = at; i < at + n; i++) {
        if (!uct_isdigit((unsigned char)s.p[i]))
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return v;
}

/* "Z", "+01:00" or "+0100"; returns bytes eaten, minutes in *offset. */
static size_t zone(struct uct_slice s, size_t at, int *offset)
{
    if (at < s.n && (s.p[at] == 'Z' || s.p[at] == 'z')) {
        *offset = 0;
        return 1;
    }
    if (at >= s.n || (s.p[at] != '+' && s.p[at] != '-'))
        return 0;
    int h = digits(s, at + 1, 2);
    size_t colon = at + 3 < s.n && s.p[at + 3] == ':';
    int m = digits(s, at + 3 + colon, 2);
    if (h < 0 || m < 0 || h > 15 || m > 59)
        return 0;
    *offset = (h * 60 + m) * (s.p[at] == '-' ? -1 : 1);
    return 5 + colon;
}

size_t uct_time_parse(struct uct_slice s, int64_t *ms, bool *zoned)
{
    int y = digits(s, 0, 4), mo = digits(s, 5, 2), d = digits(s, 8, 2);
    if (y < 0 || mo < 0 || d < 0 || s.p[4] != '-' || s.p[7] != '-')
        return 0;
    size_t at = 10;
    int h = 0, mi = 0, sec = 0, frac = 0, offset = 0;
    if (at + 6 <= s.n && (s.p[at] == 'T' || s.p[at] == ' ') && digits(s, at + 1, 2) >= 0 && s.p[at + 3] == ':') {
        h = digits(s, at + 1, 2);
        mi = digits(s, at + 4, 2);
        if (mi < 0)
            return 0;
        at += 6;
        if (at < s.n && s.p[at] == ':') {
            sec = digits(s, at + 1, 2);
            if (sec < 0)
                return 0;
            at += 3;
            if (at + 1 < s.n && (s.p[at] == '.' || s.p[at] == ',') && uct_isdigit((unsigned char)s.p[at + 1])) {
                int scale = 100;
                for (at++; at < s.n && uct_isdigit((unsigned char)s.p[at]); at++, scale /= 10)
                    frac += (s.p[at] - '0') * scale;
            }
        }
    }
    size_t z = zone(s, at, &offset);
    int64_t t = uct_time_civil(y, mo, d, h, mi, sec, frac);
    if (t == UCT_NO_TIME)
        return 0;
    *ms = t - (int64_t)offset * 60000;
    *zoned = z > 0;
    return at + z;
}
