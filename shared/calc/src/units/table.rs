//! The units: names, symbol, exact size in base units. Ambiguous names (ton, month) are left out on purpose.

/// Exponents of length (m), mass (g), time (s), data (bit), years (months), energy (J), pressure (Pa), power (W).
pub(super) type Dimension = [i8; 8];

const fn base(at: usize) -> Dimension {
    let mut dimension = [0; 8];
    dimension[at] = 1;
    dimension
}

pub(super) const LENGTH: Dimension = base(0);
pub(super) const MASS: Dimension = base(1);
pub(super) const TIME: Dimension = base(2);
pub(super) const DATA: Dimension = base(3);
pub(super) const CALENDAR: Dimension = base(4);
const ENERGY: Dimension = base(5);
const PRESSURE: Dimension = base(6);
const POWER: Dimension = base(7);
pub(super) const VOLUME: Dimension = [3, 0, 0, 0, 0, 0, 0, 0];
const AREA: Dimension = [2, 0, 0, 0, 0, 0, 0, 0];
pub(super) const SPEED: Dimension = [1, 0, -1, 0, 0, 0, 0, 0];
const DATA_RATE: Dimension = [0, 0, -1, 1, 0, 0, 0, 0];

/// Symbol, other names separated by spaces (`_` for a space inside one), size as a decimal or a ratio, dimension.
pub(super) type Row = (&'static str, &'static str, &'static str, Dimension);

/// Names with capitals are matched as they stand before all names are matched in lower case.
pub(super) const UNITS: &[Row] = &[
    ("km", "kilometer kilometers kilometre kilometres kms", "1000", LENGTH),
    ("m", "meter meters metre metres", "1", LENGTH),
    ("dm", "decimeter decimeters decimetre decimetres", "0.1", LENGTH),
    (
        "cm",
        "centimeter centimeters centimetre centimetres cms",
        "0.01",
        LENGTH,
    ),
    ("mm", "millimeter millimeters millimetre millimetres", "0.001", LENGTH),
    (
        "µm",
        "μm micrometer micrometers micrometre micrometres micron microns",
        "0.000001",
        LENGTH,
    ),
    ("nm", "nanometer nanometers nanometre nanometres", "0.000000001", LENGTH),
    ("in", "inch inches", "0.0254", LENGTH),
    ("ft", "foot feet", "0.3048", LENGTH),
    ("yd", "yard yards yds", "0.9144", LENGTH),
    ("miles", "mile mi", "1609.344", LENGTH),
    ("nautical miles", "nautical_mile nmi", "1852", LENGTH),
    ("furlongs", "furlong", "201.168", LENGTH),
    ("fathoms", "fathom", "1.8288", LENGTH),
    (
        "kg",
        "kilogram kilograms kilo kilos kgs kilogramme kilogrammes",
        "1000",
        MASS,
    ),
    ("g", "gram grams gramme grammes", "1", MASS),
    ("mg", "milligram milligrams", "0.001", MASS),
    ("µg", "μg mcg microgram micrograms", "0.000001", MASS),
    ("lb", "lbs pound pounds", "453.59237", MASS),
    ("oz", "ounce ounces", "28.349523125", MASS),
    ("stone", "stones", "6350.29318", MASS),
    ("tonnes", "tonne metric_ton metric_tons", "1000000", MASS),
    ("short tons", "short_ton us_ton us_tons", "907184.74", MASS),
    ("carats", "carat", "0.2", MASS),
    ("s", "sec secs second seconds", "1", TIME),
    ("ms", "millisecond milliseconds", "0.001", TIME),
    ("µs", "μs microsecond microseconds", "0.000001", TIME),
    ("ns", "nanosecond nanoseconds", "0.000000001", TIME),
    ("minutes", "minute min mins", "60", TIME),
    ("hours", "hour h hr hrs", "3600", TIME),
    ("days", "day", "86400", TIME),
    ("weeks", "week wk wks", "604800", TIME),
    ("fortnights", "fortnight", "1209600", TIME),
    ("months", "month", "1", CALENDAR),
    ("years", "year yr yrs", "12", CALENDAR),
    ("decades", "decade", "120", CALENDAR),
    ("centuries", "century", "1200", CALENDAR),
    ("millennia", "millennium millenniums", "12000", CALENDAR),
    ("ha", "hectare hectares", "10000", AREA),
    ("acres", "acre", "4046.8564224", AREA),
    ("L", "liter liters litre litres", "0.001", VOLUME),
    (
        "mL",
        "milliliter milliliters millilitre millilitres",
        "0.000001",
        VOLUME,
    ),
    ("cL", "centiliter centiliters centilitre centilitres", "0.00001", VOLUME),
    ("dL", "deciliter deciliters decilitre decilitres", "0.0001", VOLUME),
    ("cc", "ccs", "0.000001", VOLUME),
    ("US gallons", "us_gallon gallon gallons gal", "0.003785411784", VOLUME),
    ("US quarts", "us_quart quart quarts qt", "0.000946352946", VOLUME),
    ("US pints", "us_pint pint pints pt", "0.000473176473", VOLUME),
    ("US cups", "us_cup cup cups", "0.0002365882365", VOLUME),
    (
        "US fl oz",
        "fl_oz fluid_ounce fluid_ounces us_fluid_ounces us_fluid_ounce",
        "0.0000295735295625",
        VOLUME,
    ),
    (
        "US tbsp",
        "tbsp tablespoon tablespoons tbsps",
        "0.00001478676478125",
        VOLUME,
    ),
    ("US tsp", "tsp teaspoon teaspoons tsps", "0.00000492892159375", VOLUME),
    (
        "imperial gallons",
        "imperial_gallon uk_gallon uk_gallons",
        "0.00454609",
        VOLUME,
    ),
    (
        "imperial pints",
        "imperial_pint uk_pint uk_pints",
        "0.00056826125",
        VOLUME,
    ),
    ("mph", "", "0.44704", SPEED),
    ("km/h", "kph kmh kmph", "5/18", SPEED),
    ("knots", "knot kn kt kts", "463/900", SPEED),
    ("bit", "bits", "1", DATA),
    ("byte", "bytes B", "8", DATA),
    ("kbit", "kilobit kilobits kb Kb", "1000", DATA),
    ("Mbit", "megabit megabits Mb", "1000000", DATA),
    ("Gbit", "gigabit gigabits Gb", "1000000000", DATA),
    ("kB", "kilobyte kilobytes KB", "8000", DATA),
    ("MB", "megabyte megabytes", "8000000", DATA),
    ("GB", "gigabyte gigabytes", "8000000000", DATA),
    ("TB", "terabyte terabytes", "8000000000000", DATA),
    ("PB", "petabyte petabytes", "8000000000000000", DATA),
    ("KiB", "kibibyte kibibytes", "8192", DATA),
    ("MiB", "mebibyte mebibytes", "8388608", DATA),
    ("GiB", "gibibyte gibibytes", "8589934592", DATA),
    ("TiB", "tebibyte tebibytes", "8796093022208", DATA),
    ("Mbit/s", "mbps Mbps", "1000000", DATA_RATE),
    ("Gbit/s", "gbps Gbps", "1000000000", DATA_RATE),
    ("J", "joule joules", "1", ENERGY),
    ("kJ", "kilojoule kilojoules", "1000", ENERGY),
    ("Wh", "watt_hour watt_hours", "3600", ENERGY),
    ("kWh", "kilowatt_hour kilowatt_hours", "3600000", ENERGY),
    ("Pa", "pascal pascals", "1", PRESSURE),
    ("kPa", "kilopascal kilopascals", "1000", PRESSURE),
    ("bar", "bars", "100000", PRESSURE),
    ("atm", "atmosphere atmospheres", "101325", PRESSURE),
    ("W", "watt watts", "1", POWER),
    ("kW", "kilowatt kilowatts", "1000", POWER),
];
